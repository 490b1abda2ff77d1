using System.Text.Json;
using System.Text.Json.Serialization;
using Kontext.Flux.Weights;

namespace Kontext.Flux.Bundles;

/// <summary>Storage of weights, named as on the command line.</summary>
internal sealed class WeightStorageConverter : JsonConverter<WeightStorage>
{
    public override WeightStorage Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        (reader.TokenType == JsonTokenType.String ? reader.GetString() : null) switch
        {
            "as-published" => WeightStorage.AsPublished,
            "int8" => WeightStorage.Int8,
            _ => throw new JsonException("The weights are neither as-published nor int8."),
        };

    public override void Write(Utf8JsonWriter writer, WeightStorage value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value == WeightStorage.Int8 ? "int8" : "as-published");
}
