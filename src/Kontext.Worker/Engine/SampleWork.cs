using Kontext.Contracts;
using Kontext.Contracts.Tasks;
using Kontext.Worker.Devices;
using Kontext.Worker.Models;
using Kontext.Worker.Telemetry;

namespace Kontext.Worker.Engine;

/// <summary>A sample in the engine. Everything but its completion happens on the device's thread.</summary>
/// <param name="key">Model and shape.</param>
/// <param name="model">What takes its steps.</param>
/// <param name="sample">The sample.</param>
/// <param name="urgency">When it goes before other work; past the deadline it fails.</param>
/// <param name="cancellationToken">Withdraws it between two steps.</param>
internal sealed class SampleWork(
    BatchKey key,
    IStageModel model,
    ISample sample,
    Urgency urgency,
    CancellationToken cancellationToken
) : DeviceWork(urgency, cancellationToken)
{
    public IStageModel Model => model;

    public ISample Sample => sample;

    /// <inheritdoc/>
    public override BatchKey? Key => key;

    /// <summary>Whether it must not share a step: a batch with it has failed, and whose fault it was shows alone.</summary>
    public bool IsAlone { get; set; }

    /// <summary>Its size class, for metrics.</summary>
    public required SizeClass Size { get; init; }

    /// <summary>How many of its kind fit into memory at once, by estimate.</summary>
    public int Fit { get; init; } = int.MaxValue;

    /// <summary>Told after each step with its share of the device's time. Must not wait.</summary>
    public Action<TimeSpan> Stepped { get; init; } = _ => { };

    /// <summary>Told when others have the device before it is done. Must not wait.</summary>
    public Action Paused { get; init; } = () => { };

    /// <summary>Its steps in the trace of the job that it belongs to.</summary>
    public StepTrace Trace { get; } = new();

    /// <inheritdoc/>
    public override bool IsOver(DateTimeOffset now)
    {
        if (Completion.IsCompleted)
        {
            return true;
        }
        if (CancellationToken.IsCancellationRequested)
        {
            sample.Leave();
            Withdraw();
            return true;
        }
        if (Urgency.Deadline is { } deadline && now >= deadline)
        {
            Fail(
                new KontextException(ErrorCode.DeadlineExceeded, $"The deadline passed after {sample.StepIndex} steps.")
            );
            return true;
        }
        return false;
    }

    /// <summary>It took a step with others.</summary>
    /// <param name="took">How long the device was busy with it.</param>
    /// <param name="batch">Samples that took it together.</param>
    /// <returns>Whether it was the last.</returns>
    public bool Advance(TimeSpan took, int batch)
    {
        IsAlone = false;
        Trace.Stepped(sample.StepIndex, took, batch);
        Tell(() => Stepped(took / batch));
        if (sample.IsDone)
        {
            Complete();
        }
        return Completion.IsCompleted;
    }

    /// <summary>Others have the device now.</summary>
    public void Pause() => Tell(Paused);

    /// <inheritdoc/>
    public override void Fail(Exception error)
    {
        sample.Leave();
        base.Fail(error);
    }

    private void Tell(Action owner)
    {
        try
        {
            owner();
        }
#pragma warning disable CA1031 // Whatever went wrong belongs to whoever waits for the sample; the others go on.
        catch (Exception error)
#pragma warning restore CA1031
        {
            Fail(error);
        }
    }
}
