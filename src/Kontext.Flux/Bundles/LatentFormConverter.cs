using System.Text.Json;
using System.Text.Json.Serialization;

namespace Kontext.Flux.Bundles;

/// <summary>Forms of latents, named as in <c>--config</c>.</summary>
internal sealed class LatentFormConverter : JsonConverter<LatentForm>
{
    private static readonly Dictionary<string, LatentForm> Names = new(StringComparer.Ordinal)
    {
        ["scaled"] = LatentForm.Scaled,
        ["plain"] = LatentForm.Plain,
        ["mean-logvar"] = LatentForm.MeanLogVariance,
    };

    /// <summary>The form of a name, or null.</summary>
    public static LatentForm? Parse(string name) => Names.TryGetValue(name, out var form) ? form : null;

    public override LatentForm Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        (reader.TokenType == JsonTokenType.String ? Parse(reader.GetString()!) : null)
        ?? throw new JsonException("The latents are neither scaled, plain nor mean-logvar.");

    public override void Write(Utf8JsonWriter writer, LatentForm value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Names.Single(name => name.Value == value).Key);
}
