using System.Text.Json.Serialization;

namespace Kontext.Outbound.Filters;

/// <summary>What a filter is asked about.</summary>
public enum FilterKind
{
    /// <summary>The text of a request, before it is accepted.</summary>
    [JsonStringEnumMemberName("prompt")]
    Prompt,

    /// <summary>A picture of a request, before it is accepted.</summary>
    [JsonStringEnumMemberName("input")]
    Input,

    /// <summary>A picture that was made, before it is stored.</summary>
    [JsonStringEnumMemberName("output")]
    Output,
}
