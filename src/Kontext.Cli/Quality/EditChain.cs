using Kontext.Flux.Images;

namespace Kontext.Cli.Quality;

/// <summary>Edits that start from one another's results.</summary>
/// <param name="Turns">The edits, in order.</param>
/// <param name="Source">What the first starts from.</param>
/// <param name="Targets">The true result of each.</param>
/// <param name="Touched">What any of them should change.</param>
internal sealed record EditChain(
    IReadOnlyList<EditPair> Turns,
    RgbImage Source,
    IReadOnlyList<RgbImage> Targets,
    ChangeMask Touched
)
{
    /// <summary>Reads a chain's pictures.</summary>
    public static EditChain Load(EditPairSet set, IReadOnlyList<EditPair> turns)
    {
        var source = set.Picture(turns[0].FileName!);
        RgbImage[] targets = [.. turns.Select(turn => set.Picture(turn.TargetFileName).ToSizeOf(source))];
        var touched = targets
            .Zip(targets.Prepend(source), (after, before) => ChangeMask.Between(before, after))
            .Aggregate((all, turn) => all.With(turn));
        return new(turns, source, targets, touched);
    }

    /// <summary>How well a turn's output kept what no turn should change: PSNR in dB, null if there is next to nothing.</summary>
    public double? Drift(int turn, RgbImage output) =>
        EditScore.PsnrOutside(Touched, Targets[turn], output.ToSizeOf(Source));
}
