using System.Text.Json;
using System.Text.Json.Serialization;
using Kontext.Flux.Sampling;

namespace Kontext.Flux.Bundles;

/// <summary>Noise types are written as PyTorch names them.</summary>
internal sealed class NoiseDTypeConverter : JsonConverter<NoiseDType>
{
    public override NoiseDType Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        (reader.TokenType == JsonTokenType.String ? reader.GetString() : null) switch
        {
            "float32" => NoiseDType.Float32,
            "bfloat16" => NoiseDType.BFloat16,
            _ => throw new JsonException("The noise type is neither float32 nor bfloat16."),
        };

    public override void Write(Utf8JsonWriter writer, NoiseDType value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value == NoiseDType.Float32 ? "float32" : "bfloat16");
}
