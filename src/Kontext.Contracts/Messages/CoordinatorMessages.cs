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

/// <summary>
/// Look at what is due and who lives: a second has passed, or a worker has come. Every coordinator sends one a second, every worker
/// one when it begins to take tasks; whoever leads hears them all.
/// </summary>
/// <param name="At">When it was sent.</param>
public sealed record Tick(DateTimeOffset At)
{
    /// <summary>One that nobody has heard by then is of no use: with all coordinators down, ticks do not pile up.</summary>
    public static readonly TimeSpan TimeToLive = TimeSpan.FromSeconds(3);

    /// <summary>Version of this form.</summary>
    [JsonConverter(typeof(WireVersionConverter))]
    public int V { get; init; } = WireJson.Version;
}
