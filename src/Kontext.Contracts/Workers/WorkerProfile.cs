using System.Text.Json.Serialization;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;

namespace Kontext.Contracts.Workers;

/// <summary>What a worker offers. Announced with every heartbeat and gone when the heartbeats stop.</summary>
public sealed record WorkerProfile
{
    /// <summary>Version of this form.</summary>
    [JsonConverter(typeof(WireVersionConverter))]
    public int V { get; init; } = WireJson.Version;

    /// <summary>Unique to one process.</summary>
    public required string Id { get; init; }

    /// <summary>Host, for people.</summary>
    public required string Host { get; init; }

    /// <summary>Kind of device with precision, for example <c>cpu fp32</c>: costs are learned per kind.</summary>
    public required string Device { get; init; }

    /// <summary>Memory of the device in bytes; null if unknown.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Models it has loaded.</summary>
    public required IReadOnlyList<ModelRef> Models { get; init; }

    /// <summary>How many tasks of each stage it takes at a time; a stage that is missing it does not do.</summary>
    public required IReadOnlyDictionary<Stage, int> Slots { get; init; }

    /// <summary>How many tasks of each stage it runs at this moment.</summary>
    public IReadOnlyDictionary<Stage, int>? Running { get; init; }

    /// <summary>Batch sizes it has learned since it started; null or empty before it has.</summary>
    public IReadOnlyList<LearnedBatch>? Batches { get; init; }

    /// <summary>The largest size class that fits it.</summary>
    public required SizeClass LargestSize { get; init; }

    /// <summary>False once it drains or has taken itself out.</summary>
    public bool Accepting { get; init; } = true;

    /// <summary>When it started.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>The lanes it takes tasks from.</summary>
    [JsonIgnore]
    public IEnumerable<Lane> Lanes =>
        from model in Models
        from stage in Slots.Keys
        from size in Enum.GetValues<SizeClass>()
        where size <= LargestSize
        from priority in Enum.GetValues<Priority>()
        select new Lane(model, stage, size, priority);
}
