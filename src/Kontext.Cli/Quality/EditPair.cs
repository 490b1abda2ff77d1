using System.Text.Json.Serialization;

namespace Kontext.Cli.Quality;

/// <summary>A line of a pair set's <c>metadata.jsonl</c>: an instruction, a source picture and the true result.</summary>
internal sealed record EditPair
{
    /// <summary>Path of the source picture within the set; null for text to image.</summary>
    public string? FileName { get; init; }

    /// <summary>Path of the true result within the set.</summary>
    public required string TargetFileName { get; init; }

    /// <summary>The pair's name.</summary>
    public required string Key { get; init; }

    /// <summary>One of KontextBench's categories, or any other.</summary>
    public required string Category { get; init; }

    /// <summary>Finer than the category.</summary>
    public required string Kind { get; init; }

    /// <summary>What to do.</summary>
    public required string Instruction { get; init; }

    /// <summary>Number of the chain that the pair is a turn of; null for a pair that stands alone.</summary>
    public int? Chain { get; init; }

    /// <summary>Turn of the chain, from 1; it starts from the turn before.</summary>
    public int? Turn { get; init; }

    /// <summary>Seed of the noise: the pair's place in the file, so that every run draws the same.</summary>
    [JsonIgnore]
    public int Seed { get; init; }
}

/// <summary>JSON of pair sets.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectNullableAnnotations = true
)]
[JsonSerializable(typeof(EditPair))]
internal sealed partial class EditPairJson : JsonSerializerContext;
