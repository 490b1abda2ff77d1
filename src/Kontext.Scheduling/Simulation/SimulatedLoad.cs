using Kontext.Contracts.Jobs;

namespace Kontext.Scheduling.Simulation;

/// <summary>A stream of jobs: at random, in bursts, or as a trace has them.</summary>
public sealed record SimulatedLoad
{
    /// <summary>Whose jobs.</summary>
    public string Tenant { get; set; } = "default";

    /// <summary>How urgent they are.</summary>
    public Priority Priority { get; set; } = Priority.Standard;

    /// <summary>Jobs a second, at random moments (Poisson).</summary>
    public double? PerSecond { get; set; }

    /// <summary>Jobs that come at once.</summary>
    public int Burst { get; set; }

    /// <summary>When the (first) burst comes, or the stream begins, in seconds.</summary>
    public double FromS { get; set; }

    /// <summary>Seconds between bursts; null: there is one.</summary>
    public double? EveryS { get; set; }

    /// <summary>Names of shapes, and how likely each is relative to the others.</summary>
    public IReadOnlyDictionary<string, double> Shapes { get; set; } = new Dictionary<string, double>();

    /// <summary>Images of a job.</summary>
    public int Count { get; set; } = 1;

    /// <summary>Seconds after which a job is worth nothing; null: never.</summary>
    public double? DeadlineS { get; set; }

    /// <summary>Seconds within which jobs ought to be done; null: there is no goal.</summary>
    public double? SloS { get; set; }

    /// <summary>Jobs as they came, in place of the above.</summary>
    public IReadOnlyList<TracedJob> Trace { get; set; } = [];

    internal string? Problem(IReadOnlySet<string> shapes) =>
        Trace.FirstOrDefault(job => !shapes.Contains(job.Shape) || !(job.AtS >= 0)) is { } job
            ? $"a trace has a job of shape '{job.Shape}' at {job.AtS} s"
        : Trace.Count > 0 ? null
        : Shapes.Count == 0
        || Shapes.Any(shape => !shapes.Contains(shape.Key) || !(shape.Value >= 0))
        || !(Shapes.Values.Sum() > 0)
            ? $"a load of '{Tenant}' names no shapes that there are"
        : Count is < 1 or > 100 ? $"a load of '{Tenant}' takes a count of 1 to 100"
        : PerSecond is null
            ? Burst < 1 || !(FromS >= 0) || EveryS <= 0 ? $"a load of '{Tenant}' has neither per_second nor burst"
                : null
        : !(PerSecond > 0) || !(FromS >= 0) ? $"a load of '{Tenant}' has a rate that is none"
        : null;
}
