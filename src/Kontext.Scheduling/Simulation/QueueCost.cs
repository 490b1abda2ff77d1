using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Scheduling.Costs;
using Kontext.Scheduling.Placements;
using Kontext.Scheduling.Queues;

namespace Kontext.Scheduling.Simulation;

/// <summary>What one decision of the queue costs in real time, with more and more that waits.</summary>
public static class QueueCost
{
    private const int Decisions = 3000;
    private const int Tenants = 100;
    private const int Tries = 3;
    private static readonly int[] Lengths = [25_000, 50_000, 100_000];

    /// <summary>Measures queues of twice the length each. A decision is to find a task and its worker, and to take it out.</summary>
    public static IReadOnlyList<(int Waiting, double MicrosecondsPerDecision)> Measure(TimeProvider stopwatch)
    {
        // Once for the runtime to compile what it runs; then the best of a few, for other programs run here as well.
        Run(stopwatch, Lengths[0]);
        return [.. Lengths.Select(length => (length, Enumerable.Range(0, Tries).Min(_ => Run(stopwatch, length))))];
    }

    private static double Run(TimeProvider stopwatch, int length)
    {
        var start = DateTimeOffset.UnixEpoch;
        var costs = new CostTable();
        var queue = new FairQueue(costs);
        var shape = new SimulatedShape
        {
            Name = "",
            Width = 512,
            Height = 512,
            StepMs = 100,
        };
        for (var i = 0; i < length; i++)
        {
            var arrival = new Arrival(0, $"tenant {i % Tenants}", (Priority)(i % 3), shape, 1, new()) { Number = i };
            queue.Update(
                new()
                {
                    Spec = Arrivals.Spec(arrival, start),
                    Encode = new() { Phase = TaskPhase.Waiting },
                    Samples = [],
                },
                start
            );
        }
        var placement = new Placement(costs);
        var kind = new SimulatedWorkers { Name = "gpu", Stages = [Stage.Encode] };
        var workers = Enumerable
            .Range(0, Decisions / 4)
            .Select(i => new SimulatedWorker($"{i}", kind, EngineMode.Steps, start).Profile);
        placement.Update([.. workers], start);
        var began = stopwatch.GetTimestamp();
        var taken = queue.Take(placement, start).Count;
        return stopwatch.GetElapsedTime(began).TotalMicroseconds / taken;
    }
}
