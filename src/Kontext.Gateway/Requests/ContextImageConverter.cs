using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Kontext.Gateway.Requests;

/// <summary>
/// Decodes images straight from the body: as text they would take three times their size. What is wrong with an image is
/// found by whoever knows which one it is.
/// </summary>
internal sealed class ContextImageConverter : JsonConverter<ContextImage>
{
    public override ContextImage Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType switch
        {
            JsonTokenType.String => new() { Bytes = DecodeString(ref reader) },
            JsonTokenType.Number when reader.TryGetInt32(out var number) => new() { Number = number },
            _ => throw new JsonException(),
        };

    public override void Write(Utf8JsonWriter writer, ContextImage value, JsonSerializerOptions options)
    {
        if (value.Bytes is { } bytes)
        {
            writer.WriteBase64StringValue(bytes);
        }
        else
        {
            writer.WriteNumberValue(value.Number ?? throw new JsonException("An image has bytes or a number."));
        }
    }

    private static byte[]? DecodeString(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped && !reader.HasValueSequence)
        {
            return Decode(reader.ValueSpan);
        }
        // Some writers escape the slashes of base64.
        var longest = reader.HasValueSequence ? checked((int)reader.ValueSequence.Length) : reader.ValueSpan.Length;
        var buffer = ArrayPool<byte>.Shared.Rent(longest);
        try
        {
            return Decode(buffer.AsSpan(0, reader.CopyString(buffer)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The bytes of base64 or of a data URI (RFC 2397) in base64, or null if it is neither.</summary>
    internal static byte[]? Decode(ReadOnlySpan<byte> text)
    {
        if (text.StartsWith("data:"u8))
        {
            var comma = text.IndexOf((byte)',');
            if (comma < 0 || !text[..comma].EndsWith(";base64"u8))
            {
                return null;
            }
            text = text[(comma + 1)..];
        }
        var decoded = new byte[Base64.GetMaxDecodedFromUtf8Length(text.Length)];
        return Base64.DecodeFromUtf8(text, decoded, out _, out var written) == OperationStatus.Done
            ? decoded[..written]
            : null;
    }
}
