using System.Text.Json;
using System.Text.Json.Serialization;

namespace Kontext.Cli.Quality;

/// <summary>A line of KontextBench's <c>metadata.jsonl</c>; what else it says is ignored.</summary>
internal sealed record KontextBenchPair
{
    /// <summary>Path of the source picture, from the folder of the metadata.</summary>
    public required string FileName { get; init; }

    /// <summary>The pair's name; its output is called after it.</summary>
    [JsonConverter(typeof(KeyConverter))]
    public required string Key { get; init; }

    /// <summary>One of <see cref="KontextBenchSet.Categories"/>.</summary>
    public required string Category { get; init; }

    /// <summary>What to do.</summary>
    public required string Instruction { get; init; }

    /// <summary>The pair's place in the file, from 0: its seed is so much more than the first pair's.</summary>
    [JsonIgnore]
    public int Index { get; init; }

    /// <summary>Keys are texts, but one that looks like a number may be written as one.</summary>
    internal sealed class KeyConverter : JsonConverter<string>
    {
        public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType switch
            {
                JsonTokenType.String => reader.GetString(),
                JsonTokenType.Number when reader.TryGetInt64(out var number) => $"{number}",
                _ => throw new JsonException("its key is not a text"),
            };

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value);
    }
}

/// <summary>JSON of KontextBench.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectNullableAnnotations = true
)]
[JsonSerializable(typeof(KontextBenchPair))]
internal sealed partial class KontextBenchPairJson : JsonSerializerContext;
