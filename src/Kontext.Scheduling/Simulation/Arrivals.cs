using System.Globalization;
using Kontext.Contracts.Jobs;

namespace Kontext.Scheduling.Simulation;

/// <summary>The jobs of a scenario in the order in which they come.</summary>
internal sealed class Arrivals
{
    /// <summary>A prime, so that neighbouring seeds share no stream.</summary>
    private const int LoadStride = 7919;

    public static readonly ModelRef Model = new("simulated", "sha256:0000000000000000");

    private readonly Scenario _scenario;
    private readonly Dictionary<string, SimulatedShape> _shapes;
    private readonly PriorityQueue<IEnumerator<Arrival>, (double, int)> _streams = new();

    public Arrivals(Scenario scenario)
    {
        _scenario = scenario;
        _shapes = scenario.Shapes.ToDictionary(shape => shape.Name, StringComparer.Ordinal);
        for (var i = 0; i < scenario.Loads.Count; i++)
        {
            // Each stream draws for itself: one load more leaves the others as they are.
            GoOn(Stream(scenario.Loads[i], new Random(unchecked(scenario.Seed * LoadStride + i))).GetEnumerator(), i);
        }
    }

    /// <summary>All of them.</summary>
    public IEnumerable<Arrival> All()
    {
        var number = 0;
        while (number < _scenario.Jobs && _streams.TryDequeue(out var stream, out var turn))
        {
            yield return stream.Current with
            {
                Number = number++,
            };
            GoOn(stream, turn.Item2);
        }
    }

    /// <summary>A job as it is accepted.</summary>
    public static JobSpec Spec(Arrival arrival, DateTimeOffset start)
    {
        var acceptedAt = start.AddSeconds(arrival.AtS);
        return new()
        {
            Id = arrival.Number.ToString("x32", CultureInfo.InvariantCulture),
            Tenant = arrival.Tenant,
            Model = Model,
            Prompt = "",
            Contexts = [],
            Width = arrival.Shape.Width,
            Height = arrival.Shape.Height,
            Steps = arrival.Shape.Steps,
            Guidance = 0,
            Seed = 0,
            Count = arrival.Count,
            Format = "png",
            Priority = arrival.Priority,
            AcceptedAt = acceptedAt,
            Deadline = arrival.Load.DeadlineS is { } seconds ? acceptedAt.AddSeconds(seconds) : null,
        };
    }

    private void GoOn(IEnumerator<Arrival> stream, int index)
    {
        if (stream.MoveNext())
        {
            _streams.Enqueue(stream, (stream.Current.AtS, index));
        }
    }

    private IEnumerable<Arrival> Stream(SimulatedLoad load, Random random)
    {
        if (load.Trace.Count > 0)
        {
            foreach (var job in load.Trace.OrderBy(job => job.AtS))
            {
                yield return new(job.AtS, job.Tenant, job.Priority, _shapes[job.Shape], job.Count, load);
            }
            yield break;
        }
        var at = load.FromS;
        while (true)
        {
            if (load.PerSecond is { } rate)
            {
                at += -Math.Log(1 - random.NextDouble()) / rate;
                yield return New();
            }
            else
            {
                for (var i = 0; i < load.Burst; i++)
                {
                    yield return New();
                }
                if (load.EveryS is not { } pause)
                {
                    yield break;
                }
                at += pause;
            }
        }

        Arrival New() => new(at, load.Tenant, load.Priority, Draw(load, random), load.Count, load);
    }

    private SimulatedShape Draw(SimulatedLoad load, Random random)
    {
        var left = random.NextDouble() * load.Shapes.Values.Sum();
        var shapes = load.Shapes.OrderBy(shape => shape.Key, StringComparer.Ordinal).ToArray();
        foreach (var (name, weight) in shapes)
        {
            left -= weight;
            if (left < 0)
            {
                return _shapes[name];
            }
        }
        return _shapes[shapes[^1].Key];
    }
}
