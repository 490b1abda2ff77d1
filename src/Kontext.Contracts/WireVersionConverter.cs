using System.Text.Json;
using System.Text.Json.Serialization;

namespace Kontext.Contracts;

/// <summary>
/// Refuses what is of a later version than this program knows: it would be misread. What is refused is seen, as a message among
/// the dead letters; what is misread is not.
/// </summary>
internal sealed class WireVersionConverter : JsonConverter<int>
{
    /// <inheritdoc/>
    public override int Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetInt32() is var version && version <= WireJson.Version
            ? version
            : throw new JsonException($"It is of version {version}; this program reads up to {WireJson.Version}.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, int value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(value);
}
