using System.Text.Json;
using System.Text.Json.Serialization;
using Kontext.Contracts.Tensors;

namespace Kontext.Flux.Bundles;

/// <summary>Element types are written as safetensors files name them.</summary>
internal sealed class DTypeConverter : JsonConverter<DType>
{
    public override DType Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && DTypes.TryParse(reader.GetString()!, out var dtype)
            ? dtype
            : throw new JsonException("An element type is not one that safetensors files know.");

    public override void Write(Utf8JsonWriter writer, DType value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Name());
}
