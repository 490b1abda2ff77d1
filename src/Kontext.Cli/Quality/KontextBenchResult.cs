using System.Text.Json.Serialization;

namespace Kontext.Cli.Quality;

/// <summary>A line of <c>results.jsonl</c>: an output that is finished, for this bench to go on from and for others to score.</summary>
/// <param name="Key">The pair's name.</param>
/// <param name="Category">The pair's category.</param>
/// <param name="Instruction">The pair's instruction.</param>
/// <param name="Source">Full path of the source.</param>
/// <param name="Output">Path of the output, from the folder of the results.</param>
/// <param name="Seed">Seed of the output's noise.</param>
/// <param name="Width">The output's, in pixels.</param>
/// <param name="Height">The output's, in pixels.</param>
/// <param name="Settings">What it was made with.</param>
/// <param name="Metrics">Against the source, which was brought to the output's size.</param>
/// <param name="TimingsMs">Of the first turn.</param>
/// <param name="Turns">From the second turn on; empty without turns.</param>
internal sealed record KontextBenchResult(
    string Key,
    string Category,
    string Instruction,
    string Source,
    string Output,
    long Seed,
    int Width,
    int Height,
    KontextBenchSettings Settings,
    EditDrift Metrics,
    StageMilliseconds TimingsMs,
    IReadOnlyList<TurnDrift> Turns
)
{
    /// <summary>Whether it is of this pair as the set has it now.</summary>
    public bool IsOf(KontextBenchPair pair) =>
        (Key, Category, Instruction) == (pair.Key, pair.Category, pair.Instruction);
}

/// <summary>What decides an output besides its pair: results of one folder have all of it in common.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Digest">The model's digest.</param>
/// <param name="Device">Kind of device, or <see cref="Server"/>.</param>
/// <param name="Precision">Type the large graphs computed in; null for a server, whose workers may differ.</param>
/// <param name="Steps">Denoising steps.</param>
/// <param name="Guidance">Guidance fed to the model.</param>
/// <param name="Seed">Seed of the set's first pair.</param>
/// <param name="Turns">Times each instruction is followed.</param>
internal sealed record KontextBenchSettings(
    string Model,
    string Digest,
    string Device,
    string? Precision,
    int Steps,
    float Guidance,
    long Seed,
    int Turns
)
{
    /// <summary>The device of what a server made.</summary>
    public const string Server = "server";
}

/// <summary>Milliseconds by stage, of one picture.</summary>
internal sealed record StageMilliseconds(double Encode, double Denoise, double Decode)
{
    /// <summary>Times as results have them.</summary>
    public static StageMilliseconds Of(TimeSpan encode, TimeSpan denoise, TimeSpan decode) =>
        new(Milliseconds(encode), Milliseconds(denoise), Milliseconds(decode));

    private static double Milliseconds(TimeSpan time) => Math.Round(time.TotalMilliseconds, 2);
}

/// <summary>A later turn beside the first.</summary>
/// <param name="Turn">From 2.</param>
/// <param name="Pixels">Each turn started from the picture the last one made.</param>
/// <param name="Latents">Each turn started from the latents the last one made.</param>
internal sealed record TurnDrift(int Turn, PictureSimilarity Pixels, PictureSimilarity Latents);

/// <summary>How alike two pictures are: PSNR in dB, at most 99, and SSIM, null for pictures smaller than its window.</summary>
internal sealed record PictureSimilarity(double Psnr, double? Ssim);

/// <summary>JSON of results: snake case, one line each, absent values written as null.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true
)]
[JsonSerializable(typeof(KontextBenchResult))]
internal sealed partial class KontextBenchResultJson : JsonSerializerContext;
