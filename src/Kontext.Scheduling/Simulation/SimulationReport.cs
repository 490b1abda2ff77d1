namespace Kontext.Scheduling.Simulation;

/// <summary>What a simulation has come to.</summary>
public sealed record SimulationReport
{
    /// <summary>Seconds from the beginning to the end of the last job, in the simulation's time.</summary>
    public required double SimulatedS { get; init; }

    /// <summary>Jobs that succeeded, after the warm-up.</summary>
    public required int Jobs { get; init; }

    /// <summary>Jobs that did not.</summary>
    public required int Failed { get; init; }

    /// <summary>Images a second.</summary>
    public required double ImagesPerSecond { get; init; }

    /// <summary>Waits and latencies by priority class.</summary>
    public required IReadOnlyList<ClassReport> Classes { get; init; }

    /// <summary>Mean seconds from acceptance to the end, over all classes.</summary>
    public required double MeanLatencyS { get; init; }

    /// <summary>Part of the jobs with a goal that were done within it; null: none has one.</summary>
    public double? SloAttained { get; init; }

    /// <summary>What tenants have had.</summary>
    public required IReadOnlyList<TenantReport> Tenants { get; init; }

    /// <summary>Jain's index of device time by weight while every tenant had jobs that waited; null: they never did.</summary>
    public double? JainIndex { get; init; }

    /// <summary>Part of the workers' time in which their devices were busy.</summary>
    public required double Utilization { get; init; }

    /// <summary>What the workers cost.</summary>
    public required double Cost { get; init; }

    /// <summary>What a thousand images cost.</summary>
    public double? CostPerThousandImages { get; init; }

    /// <summary>Median error of the end that was foreseen when a job was accepted, relative to the time it took.</summary>
    public double? MedianEtaError { get; init; }

    /// <summary>Tasks released.</summary>
    public required long Decisions { get; init; }

    /// <summary>Tasks released for each second of real time that the term took.</summary>
    public required double DecisionsPerSecond { get; init; }

    /// <summary>Of workers that came later, the longest time from one's coming up until it was given a task, in milliseconds.</summary>
    public double? LongestIdleStartMs { get; init; }
}
