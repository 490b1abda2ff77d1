using System.Text.Json;
using System.Text.Json.Serialization;
using Kontext.Contracts;
using Kontext.Flux.Sampling;

namespace Kontext.Flux.Bundles;

/// <summary>How bundles read and write JSON: snake case, sizes as text, nothing unknown.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    WriteIndented = true,
    IndentSize = 2,
    Converters = [typeof(ImageSizeConverter), typeof(NoiseDTypeConverter)]
)]
[JsonSerializable(typeof(ModelManifest))]
[JsonSerializable(typeof(SamplingSettings))]
internal sealed partial class BundleJson : JsonSerializerContext;

/// <summary>Sizes are written <c>"1024x768"</c>.</summary>
internal sealed class ImageSizeConverter : JsonConverter<ImageSize>
{
    public override ImageSize Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        try
        {
            return ImageSize.Parse(reader.GetString() ?? "");
        }
        catch (Exception error) when (error is KontextException or InvalidOperationException)
        {
            throw new JsonException(error.Message, error);
        }
    }

    public override void Write(Utf8JsonWriter writer, ImageSize value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}

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
