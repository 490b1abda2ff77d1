using System.Text.Json.Serialization;

namespace Kontext.Cli;

/// <summary>What <c>--json</c> prints.</summary>
internal sealed record GenerationReport
{
    public required string Id { get; init; }
    public required string Model { get; init; }
    public required string Prompt { get; init; }
    public required int Steps { get; init; }
    public required float Guidance { get; init; }
    public required IReadOnlyList<ImageReport> Images { get; init; }
    public string? Compare { get; init; }
    public required TimingsReport TimingsMs { get; init; }
}

/// <summary>One image.</summary>
internal sealed record ImageReport(int Index, long Seed, int Width, int Height, string Path);

/// <summary>Milliseconds; the total counts from the start of the process and includes loading the model.</summary>
internal sealed record TimingsReport(double Encode, double Denoise, double Decode, double Total);

/// <summary>JSON of the command line: snake case, indented.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true
)]
[JsonSerializable(typeof(GenerationReport))]
[JsonSerializable(typeof(Doctor.DoctorReport))]
[JsonSerializable(typeof(Commands.EngineBenchReport))]
[JsonSerializable(typeof(Commands.FairnessBenchReport))]
[JsonSerializable(typeof(Commands.ModelBenchReport))]
[JsonSerializable(typeof(Commands.PipelineBenchReport))]
[JsonSerializable(typeof(Commands.TransformerBenchReport))]
[JsonSerializable(typeof(Quality.QualityReport))]
[JsonSerializable(typeof(Quality.KontextBenchReport))]
internal sealed partial class CliJson : JsonSerializerContext;
