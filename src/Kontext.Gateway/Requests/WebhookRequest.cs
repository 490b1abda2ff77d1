using System.Text.Json;
using System.Text.Json.Serialization;

namespace Kontext.Gateway.Requests;

/// <summary>Who is to be told of a job's end, unchecked.</summary>
public sealed class WebhookRequest
{
    /// <summary>Where to send it.</summary>
    public string? Url { get; set; }

    /// <summary>Key of the signature; null for the tenant's.</summary>
    public string? Secret { get; set; }

    /// <summary>Fields that nobody knows.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }
}
