using System.Text.Json.Serialization;
using Kontext.Contracts.Tasks;

namespace Kontext.Contracts.Jobs;

/// <summary>
/// Everything the coordinator knows of a job. Written by the leader alone, each save one version further. When the job
/// has ended the same record is stored as <c>jobs/{id}.json</c>.
/// </summary>
public sealed record JobRecord
{
    /// <summary>Version of this form.</summary>
    [JsonConverter(typeof(WireVersionConverter))]
    public int V { get; init; } = WireJson.Version;

    /// <summary>What was accepted.</summary>
    public required JobSpec Spec { get; init; }

    /// <summary>Saves so far; 1 for the first.</summary>
    public long Version { get; init; }

    /// <summary>Where it is.</summary>
    public JobPhase Phase { get; init; }

    /// <summary>How it ends; null while open.</summary>
    public JobOutcome? Outcome { get; init; }

    /// <summary>Why it failed.</summary>
    public JobFault? Fault { get; init; }

    /// <summary>Prompt and contexts to tensors.</summary>
    public required TaskState Encode { get; init; }

    /// <summary>The samples, by index.</summary>
    public required IReadOnlyList<SampleState> Samples { get; init; }

    /// <summary>When its outcome was decided.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Device time of all its tasks, in milliseconds.</summary>
    public double DeviceMs => Encode.DeviceMs + Samples.Sum(sample => sample.Denoise.DeviceMs + sample.Decode.DeviceMs);

    /// <summary>Whether it is open and nothing of it has been released yet.</summary>
    public bool IsWaiting =>
        Phase == JobPhase.Open && Tasks.All(task => this[task].Phase is TaskPhase.Waiting or TaskPhase.Blocked);

    /// <summary>Images of it that are made.</summary>
    public int ImagesMade => Samples.Count(sample => sample.Decode.Phase == TaskPhase.Done);

    /// <summary>One of its tasks.</summary>
    public TaskState this[TaskId task] =>
        task.Stage switch
        {
            Stage.Encode => Encode,
            Stage.Denoise => Samples[task.Sample].Denoise,
            _ => Samples[task.Sample].Decode,
        };

    /// <summary>The ids of all its tasks, in the order of the stages.</summary>
    [JsonIgnore]
    public IEnumerable<TaskId> Tasks =>
        [
            TaskId.Encode,
            .. Samples.Select((_, i) => new TaskId(Stage.Denoise, i)),
            .. Samples.Select((_, i) => new TaskId(Stage.Decode, i)),
        ];

    /// <summary>The record with one task changed; the very same record if the task is as it was.</summary>
    public JobRecord With(TaskId task, TaskState state) =>
        task.Stage switch
        {
            _ when state == this[task] => this,
            Stage.Encode => this with { Encode = state },
            Stage.Denoise => WithSample(task.Sample, Samples[task.Sample] with { Denoise = state }),
            _ => WithSample(task.Sample, Samples[task.Sample] with { Decode = state }),
        };

    private JobRecord WithSample(int index, SampleState sample)
    {
        var samples = Samples.ToArray();
        samples[index] = sample;
        return this with { Samples = samples };
    }
}
