using Kontext.Contracts.Tasks;

namespace Kontext.Scheduling.Simulation;

/// <summary>A task that a simulated worker has.</summary>
internal sealed class SimulatedTask(StageTask task, SimulatedShape shape, int stepsLeft, long arrival)
{
    public StageTask Task => task;

    public SimulatedShape Shape => shape;

    public int StepsLeft { get; set; } = stepsLeft;

    public double DeviceMs { get; set; }

    /// <summary>When it was claimed, in milliseconds.</summary>
    public double? StartedMs { get; set; }

    public bool IsDone => StepsLeft == 0;

    /// <summary>What is smallest goes first, as in a real worker: priority, deadline, work of one turn before samples, arrival.</summary>
    public (int, DateTimeOffset, bool, long) Order =>
        ((int)task.Priority, task.Deadline ?? DateTimeOffset.MaxValue, task.Task.Stage == Stage.Denoise, arrival);
}
