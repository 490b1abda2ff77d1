using System.Text.Json.Serialization;
using Kontext.Contracts.Jobs;

namespace Kontext.Contracts.Messages;

/// <summary>A job has been accepted.</summary>
/// <param name="Spec">The same as in <c>pending/</c>.</param>
public sealed record SubmitJob(JobSpec Spec)
{
    /// <summary>Version of this form.</summary>
    [JsonConverter(typeof(WireVersionConverter))]
    public int V { get; init; } = WireJson.Version;

    /// <summary>When it was sent, by the gateway's clock; for the trace alone.</summary>
    public DateTimeOffset? SentAt { get; init; }
}

/// <summary>The owner of a job wants it no more.</summary>
/// <param name="Job">The job.</param>
public sealed record CancelJob(string Job)
{
    /// <summary>Version of this form.</summary>
    [JsonConverter(typeof(WireVersionConverter))]
    public int V { get; init; } = WireJson.Version;
}

/// <summary>A second has passed. Every coordinator sends one; whoever leads hears them all.</summary>
/// <param name="At">When it was sent.</param>
public sealed record Tick(DateTimeOffset At)
{
    /// <summary>Version of this form.</summary>
    [JsonConverter(typeof(WireVersionConverter))]
    public int V { get; init; } = WireJson.Version;
}
