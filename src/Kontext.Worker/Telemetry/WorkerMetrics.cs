using System.Diagnostics;
using System.Diagnostics.Metrics;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Telemetry;
using Kontext.Worker.Devices;
using Kontext.Worker.Lanes;
using Kontext.Worker.Tasks;

namespace Kontext.Worker.Telemetry;

/// <summary>Counts what a worker does and shows how it is: docs/metrics.md.</summary>
internal sealed class WorkerMetrics
{
    private static readonly KeyValuePair<string, object?> Saved = new("result", "saved");
    private static readonly KeyValuePair<string, object?> NotSaved = new("result", "failed");

    private readonly Histogram<double> _duration;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _claimsLost;
    private readonly Counter<long> _checkpoints;

    public WorkerMetrics(
        IMeterFactory meters,
        StageSlots slots,
        RunningTasks running,
        DeviceThread device,
        DeviceHealth health
    )
    {
        var meter = meters.Kontext();
        _duration = meter.Durations(MetricNames.StageDuration, "From the claim on a task to its end.");
        _failures = meter.CreateCounter<long>(MetricNames.StageFailures, "{failure}", "Tasks that failed on a worker.");
        _claimsLost = meter.CreateCounter<long>(
            MetricNames.ClaimsLost,
            "{claim}",
            "Claims that another worker has taken over."
        );
        _checkpoints = meter.CreateCounter<long>(MetricNames.Checkpoints, "{checkpoint}", "Checkpoints of samples.");
        meter.CreateObservableCounter(
            MetricNames.DeviceBusy,
            () => device.Busy.TotalSeconds,
            Meters.Seconds,
            "Time in which the device has computed."
        );
        meter.CreateObservableGauge(
            MetricNames.DeviceSick,
            () => health.Sick.IsCompleted ? 1 : 0,
            unit: null,
            "Whether the worker has taken its device out."
        );
        meter.CreateObservableGauge(
            MetricNames.WorkerSlots,
            () => slots.Stages.Select(stage => new Measurement<int>(slots[stage], MetricLabels.Of(stage))),
            "{task}",
            "Tasks that a worker takes at a time."
        );
        meter.CreateObservableGauge(
            MetricNames.WorkerRunning,
            () =>
            {
                var stages = running.Stages;
                return slots.Stages.Select(stage => new Measurement<int>(
                    stages.GetValueOrDefault(stage),
                    MetricLabels.Of(stage)
                ));
            },
            "{task}",
            "Tasks that a worker has."
        );
        // Shown from the start: of a series that appears with its first case nobody sees it grow.
        foreach (var stage in slots.Stages)
        {
            _claimsLost.Add(0, MetricLabels.Of(stage));
        }
        if (slots.Stages.Contains(Stage.Denoise))
        {
            _checkpoints.Add(0, Saved);
            _checkpoints.Add(0, NotSaved);
        }
    }

    /// <summary>Work on a claimed task has ended.</summary>
    public void Ended(StageTask task, TaskEnd end, TimeSpan took)
    {
        _duration.Record(
            took.TotalSeconds,
            new TagList
            {
                MetricLabels.Model(task.Model),
                MetricLabels.Of(task.Task.Stage),
                MetricLabels.Of(task.Work.Size),
                MetricLabels.Result(end.Result),
            }
        );
        if (end.Fault is { } fault)
        {
            _failures.Add(1, MetricLabels.Of(task.Task.Stage), MetricLabels.Code(fault.Kind.Name));
        }
    }

    /// <summary>Another worker has taken over what this one did.</summary>
    public void ClaimLost(Stage stage) => _claimsLost.Add(1, MetricLabels.Of(stage));

    /// <summary>A checkpoint was written, or could not be.</summary>
    public void Checkpoint(bool saved) => _checkpoints.Add(1, saved ? Saved : NotSaved);
}
