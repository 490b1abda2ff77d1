using System.Text.Json;
using System.Text.Json.Serialization;
using Kontext.Contracts;
using Kontext.Flux.Sampling;

namespace Kontext.Flux.Bundles;

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
