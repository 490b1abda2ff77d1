using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Kontext.Contracts;

namespace Kontext.Messaging;

/// <summary>How bodies are written: as <see cref="WireJson"/> says, and this project's own types likewise.</summary>
internal static class WireOptions
{
    public static JsonSerializerOptions Json { get; } = Create();

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(WireJson.Default.Options);
        options.TypeInfoResolverChain.Add(new DefaultJsonTypeInfoResolver());
        options.MakeReadOnly();
        return options;
    }
}
