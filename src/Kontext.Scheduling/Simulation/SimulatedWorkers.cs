using Kontext.Contracts.Tasks;

namespace Kontext.Scheduling.Simulation;

/// <summary>Workers that are alike.</summary>
public sealed record SimulatedWorkers
{
    /// <summary>The kind of device.</summary>
    public required string Name { get; init; }

    /// <summary>How many.</summary>
    public int Count { get; set; } = 1;

    /// <summary>How fast: 2 takes half the time that shapes say.</summary>
    public double Speed { get; set; } = 1;

    /// <summary>The largest size class that fits.</summary>
    public SizeClass LargestSize { get; set; } = SizeClass.L;

    /// <summary>The stages they do.</summary>
    public IReadOnlyList<Stage> Stages { get; set; } = Enum.GetValues<Stage>();

    /// <summary>Denoise tasks that one takes at a time; null: 2, so that the tensors of one are read while another steps; 1 where samples run to completion.</summary>
    public int? DenoiseSlots { get; set; }

    /// <summary>When they are started, in seconds.</summary>
    public double FromS { get; set; }

    /// <summary>When they go, in seconds; what they have is given back.</summary>
    public double? UntilS { get; set; }

    /// <summary>Seconds from a start until models are loaded.</summary>
    public double LoadS { get; set; }

    /// <summary>Mean seconds between failures of one, after which it starts again; null: they do not fail.</summary>
    public double? FailsEveryS { get; set; }

    /// <summary>What one costs an hour.</summary>
    public double CostPerHour { get; set; }

    internal string? Problem =>
        Count is < 0 or > 100_000 ? $"workers '{Name}' takes a count of 0 to 100,000"
        : !(Speed > 0) ? $"workers '{Name}' has a speed that is none"
        : Stages.Count == 0 ? $"workers '{Name}' has no stages"
        : DenoiseSlots is < 1 ? $"workers '{Name}' has no slots"
        : !(FromS >= 0) || UntilS < FromS || !(LoadS >= 0) || FailsEveryS <= 0 || CostPerHour < 0
            ? $"workers '{Name}' has a time or cost that is none"
        : null;
}
