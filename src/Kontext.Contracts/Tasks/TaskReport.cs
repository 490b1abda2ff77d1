using System.Text.Json.Serialization;
using Kontext.Contracts.Jobs;

namespace Kontext.Contracts.Tasks;

/// <summary>How a run of a task ended.</summary>
public enum TaskResult
{
    /// <summary>The output is there.</summary>
    Succeeded,

    /// <summary>It failed; the fault says why, and its code whether another try may help.</summary>
    Failed,

    /// <summary>Tensors that it needs are gone from the cache: what makes them has to run again.</summary>
    InputsMissing,

    /// <summary>The worker gave it back unfinished, because it is shutting down or has taken itself out.</summary>
    GivenBack,

    /// <summary>It was stopped because its job has ended; said for the account of device time.</summary>
    Stopped,
}

/// <summary>What a worker tells the coordinator of one claim on a task, once.</summary>
public sealed record TaskReport
{
    /// <summary>Version of this form.</summary>
    [JsonConverter(typeof(WireVersionConverter))]
    public int V { get; init; } = WireJson.Version;

    /// <summary>The job.</summary>
    public required string Job { get; init; }

    /// <summary>The task.</summary>
    public required TaskId Task { get; init; }

    /// <summary>Which time round.</summary>
    public required int Run { get; init; }

    /// <summary>Number of the claim it was done under.</summary>
    public required long Claim { get; init; }

    /// <summary>Who did it.</summary>
    public required string Worker { get; init; }

    /// <summary>Kind of device, for the cost table, see <see cref="Workers.WorkerProfile.Device"/>.</summary>
    public required string Device { get; init; }

    /// <summary>How it ended.</summary>
    public required TaskResult Result { get; init; }

    /// <summary>What it made, where it succeeded.</summary>
    public StageOutput? Output { get; init; }

    /// <summary>Why it failed.</summary>
    public JobFault? Fault { get; init; }

    /// <summary>Time the device spent, in milliseconds.</summary>
    public double DeviceMs { get; init; }

    /// <summary>When work began.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    public required DateTimeOffset FinishedAt { get; init; }
}
