namespace Kontext.Cli.Quality;

/// <summary>What results must have been made with to be in one folder. Null: a server has yet to say.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Digest">The model's digest.</param>
/// <param name="Device">As in <see cref="KontextBenchSettings"/>.</param>
/// <param name="Precision">As in <see cref="KontextBenchSettings"/>.</param>
/// <param name="Steps">Denoising steps.</param>
/// <param name="Guidance">Guidance fed to the model.</param>
/// <param name="Seed">Seed of the set's first pair.</param>
/// <param name="Turns">Times each instruction is followed.</param>
internal sealed record KontextBenchTerms(
    string? Model,
    string? Digest,
    string Device,
    string? Precision,
    int? Steps,
    float? Guidance,
    long Seed,
    int Turns
)
{
    /// <summary>Terms that nothing but these settings meets.</summary>
    public static KontextBenchTerms Exactly(KontextBenchSettings settings) =>
        new(
            settings.Model,
            settings.Digest,
            settings.Device,
            settings.Precision,
            settings.Steps,
            settings.Guidance,
            settings.Seed,
            settings.Turns
        );

    /// <summary>The first setting that differs, in words; null if all are as they must be.</summary>
    public string? Difference(KontextBenchSettings settings)
    {
        (string Name, object? Theirs, object? Ours)[] all =
        [
            ("model", settings.Model, Model),
            ("model digest", settings.Digest, Digest),
            ("device", settings.Device, Device),
            ("precision", settings.Precision, Precision),
            ("steps", settings.Steps, Steps),
            ("guidance", settings.Guidance, Guidance),
            ("seed", settings.Seed, Seed),
            ("turns", settings.Turns, Turns),
        ];
        var (name, before, now) = all.FirstOrDefault(each => each.Ours is not null && !each.Ours.Equals(each.Theirs));
        return name is null ? null : $"{name} {before}, not {now}";
    }
}
