using System.Text.Json;
using System.Text.Json.Serialization;
using Kontext.Flux.Onnx;

namespace Kontext.Flux.Bundles;

/// <summary>What exported graphs compute in, by short name.</summary>
internal sealed class GraphPrecisionConverter : JsonConverter<GraphPrecision>
{
    public override GraphPrecision Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var name = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
        foreach (var precision in Enum.GetValues<GraphPrecision>())
        {
            if (precision.ShortName() == name)
            {
                return precision;
            }
        }
        throw new JsonException("A precision is neither fp32, bf16, fp16, fp8 nor fp4.");
    }

    public override void Write(Utf8JsonWriter writer, GraphPrecision value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ShortName());
}
