using System.Text.Json.Serialization;

namespace Kontext.Gateway.Jobs.Timelines;

/// <summary>Where a task of a job is, as its owner sees it.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TimelineState>))]
public enum TimelineState
{
    /// <summary>What it needs is not there yet.</summary>
    [JsonStringEnumMemberName("blocked")]
    Blocked,

    /// <summary>It waits for a worker.</summary>
    [JsonStringEnumMemberName("waiting")]
    Waiting,

    /// <summary>It has been sent, and nobody has begun.</summary>
    [JsonStringEnumMemberName("released")]
    Released,

    /// <summary>A worker does it.</summary>
    [JsonStringEnumMemberName("running")]
    Running,

    /// <summary>It is done.</summary>
    [JsonStringEnumMemberName("done")]
    Done,

    /// <summary>Its job ended before it was done.</summary>
    [JsonStringEnumMemberName("dropped")]
    Dropped,
}
