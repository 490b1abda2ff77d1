using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Kontext.Gateway.Requests;

/// <summary>Tells URLs from base64, which has no colon.</summary>
internal sealed class PictureSourceConverter : JsonConverter<PictureSource>
{
    private const int LongestScheme = 8;

    private static readonly ContextImageConverter Files = new();

    public override PictureSource Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType != JsonTokenType.String ? throw new JsonException()
        : IsUrl(ref reader) ? new() { Url = reader.GetString() }
        : new() { Bytes = Files.Read(ref reader, typeof(ContextImage), options).Bytes };

    public override void Write(Utf8JsonWriter writer, PictureSource value, JsonSerializerOptions options)
    {
        if (value.Url is { } url)
        {
            writer.WriteStringValue(url);
        }
        else
        {
            writer.WriteBase64StringValue(value.Bytes ?? throw new JsonException("A picture has bytes or a URL."));
        }
    }

    private static bool IsUrl(ref Utf8JsonReader reader)
    {
        // Escapes do not matter: no writer escapes letters and colons, and those that escape slashes do so after the colon.
        var text = reader.HasValueSequence
            ? reader.ValueSequence.Slice(0, Math.Min(LongestScheme, reader.ValueSequence.Length)).ToArray()
            : reader.ValueSpan;
        return text.StartsWith("http:"u8) || text.StartsWith("https:"u8);
    }
}
