using Kontext.Flux.Images;

namespace Kontext.Cli.Quality;

/// <summary>How far an output went from its source, as far as can be told without a true result.</summary>
/// <param name="Psnr">Of the whole picture, dB, at most 99. Low is no fault: an edit is meant to change something.</param>
/// <param name="Ssim">Of the whole picture, −1 to 1.</param>
/// <param name="EditedShare">Share of the picture that was edited by <see cref="EditedRegion"/>'s rule, 0 to 1.</param>
/// <param name="DeltaEOutside">Mean ΔE*ab outside that region; null if next to nothing is outside.</param>
/// <param name="StructureOutside"><see cref="GradientCorrelation"/> outside that region; null also if there are no edges.</param>
internal sealed record EditDrift(
    double Psnr,
    double? Ssim,
    double EditedShare,
    double? DeltaEOutside,
    double? StructureOutside
)
{
    /// <summary>Compares two pictures of one size.</summary>
    public static EditDrift Between(RgbImage source, RgbImage output)
    {
        var distances = LabColour.Distances(source, output);
        var edited = EditedRegion.Of(distances, source.Width, source.Height);
        var measurable = edited.Length - edited.Count >= EditScore.MinUntouchedShare * edited.Length;
        return new(
            Math.Round(Quality.Psnr.Of(source, output), 3),
            Rounded(Quality.Ssim.Of(source, output)),
            Math.Round((double)edited.Count / edited.Length, 4),
            measurable ? Rounded(distances.Where((_, pixel) => !edited[pixel]).Average()) : null,
            measurable ? Rounded(GradientCorrelation.Outside(edited, source, output)) : null
        );
    }

    private static double? Rounded(double? value) => value is { } number ? Math.Round(number, 4) : null;
}
