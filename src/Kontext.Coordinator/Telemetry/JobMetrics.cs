using System.Diagnostics;
using System.Diagnostics.Metrics;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Telemetry;
using Kontext.Scheduling.Queues;
using Kontext.Scheduling.Terms;
using Microsoft.Extensions.Options;

namespace Kontext.Coordinator.Telemetry;

/// <summary>Counts what happens to jobs, from the difference between what was saved and what is: docs/metrics.md.</summary>
internal sealed class JobMetrics
{
    /// <summary>What is promised is a median of a fifth (docs/scheduling.md): finest around it.</summary>
    private static readonly double[] ErrorBounds = [0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.75, 1, 2, 5];

    private readonly TenantLabels _tenants;
    private readonly ServiceObjectives _objectives;
    private readonly Counter<long> _ended;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _etaError;
    private readonly Counter<double> _deviceTime;
    private readonly Counter<long> _ofTenant;
    private readonly Counter<long> _images;
    private readonly Histogram<double> _wait;
    private readonly Counter<long> _retries;
    private readonly Counter<long> _slo;
    private readonly Counter<long> _sloGood;
    private readonly Counter<long> _terms;

    public JobMetrics(IMeterFactory meters, TenantLabels tenants, IOptions<ServiceObjectives> objectives)
    {
        _tenants = tenants;
        _objectives = objectives.Value;
        var meter = meters.Kontext();
        _ended = meter.CreateCounter<long>(MetricNames.JobsEnded, "{job}", "Jobs whose outcome is decided.");
        _duration = meter.Durations(MetricNames.JobDuration, "From the acceptance of a job to its success.");
        _etaError = meter.Histogram(
            MetricNames.JobEtaError,
            "1",
            "How far off the end of a job was foretold at its acceptance, as a part of the time it took.",
            ErrorBounds
        );
        _deviceTime = meter.CreateCounter<double>(
            MetricNames.JobDeviceTime,
            Meters.Seconds,
            "Device time that tenants are charged."
        );
        _ofTenant = meter.CreateCounter<long>(MetricNames.TenantJobs, "{job}", "Ended jobs of a tenant.");
        _images = meter.CreateCounter<long>(MetricNames.TenantImages, "{image}", "Images of a tenant.");
        _wait = meter.Durations(MetricNames.QueueWait, "How long a task waits before a worker begins it.");
        _retries = meter.CreateCounter<long>(MetricNames.TaskRetries, "{retry}", "Tasks that are done again.");
        _slo = meter.CreateCounter<long>(MetricNames.SloJobs, "{job}", "Jobs that count for the objective.");
        _sloGood = meter.CreateCounter<long>(MetricNames.SloJobsGood, "{job}", "Jobs within the objective.");
        _terms = meter.CreateCounter<long>(MetricNames.LeaderTerms, "{term}", "Terms that a leader opened.");
        // Shown from the start: of a series that appears with its first case nobody sees it grow.
        _terms.Add(0);
        foreach (var priority in Enum.GetValues<Priority>())
        {
            _slo.Add(0, MetricLabels.Of(priority));
            _sloGood.Add(0, MetricLabels.Of(priority));
        }
    }

    /// <summary>A term has begun.</summary>
    public void TermOpened() => _terms.Add(1);

    /// <summary>A change is saved.</summary>
    public void Saved(JobChange change)
    {
        foreach (var (stage, code) in TaskRetry.Of(change))
        {
            _retries.Add(1, MetricLabels.Of(stage), MetricLabels.Code(code));
        }
        var (before, after) = (change.Before, change.Record);
        if (!change.IsNew || ReferenceEquals(before, after))
        {
            return;
        }
        Compare(after.Spec, Stage.Encode, before?.Encode, after.Encode);
        for (var i = 0; i < after.Samples.Count; i++)
        {
            var (was, sample) = (before?.Samples[i], after.Samples[i]);
            Compare(after.Spec, Stage.Denoise, was?.Denoise, sample.Denoise);
            Compare(after.Spec, Stage.Decode, was?.Decode, sample.Decode);
        }
        if (before?.Outcome is null && after.Outcome is { } outcome)
        {
            Ended(after, outcome);
        }
        if (change.EtaError is { } error)
        {
            _etaError.Record(error, MetricLabels.Model(after.Spec.Model), MetricLabels.Of(after.Spec.Priority));
        }
    }

    private void Compare(JobSpec spec, Stage stage, TaskState? before, TaskState after)
    {
        if (ReferenceEquals(before, after))
        {
            return;
        }
        var deviceMs = after.DeviceMs - (before?.DeviceMs ?? 0);
        if (deviceMs > 0)
        {
            _deviceTime.Add(
                deviceMs / 1000,
                MetricLabels.Tenant(_tenants.Of(spec.Tenant)),
                MetricLabels.Model(spec.Model),
                MetricLabels.Of(stage)
            );
        }
        if (before?.Phase != TaskPhase.Done && after is { Phase: TaskPhase.Done, StartedAt: { } began } done)
        {
            // By two clocks, of which the worker's may be behind.
            var wait = began - (done.WaitingSince ?? done.ReleasedAt ?? began);
            _wait.Record(
                Math.Max(0, wait.TotalSeconds),
                new TagList
                {
                    MetricLabels.Model(spec.Model),
                    MetricLabels.Of(stage),
                    MetricLabels.Of(LanePool.Of(spec, stage).Size),
                    MetricLabels.Of(spec.Priority),
                }
            );
        }
    }

    private void Ended(JobRecord job, JobOutcome outcome)
    {
        var spec = job.Spec;
        var (priority, tenant) = (MetricLabels.Of(spec.Priority), MetricLabels.Tenant(_tenants.Of(spec.Tenant)));
        _ended.Add(
            1,
            new TagList
            {
                MetricLabels.Model(spec.Model),
                priority,
                MetricLabels.Of(outcome),
                MetricLabels.Code(job.Fault?.Kind.Name ?? MetricLabels.NoCode),
            }
        );
        _ofTenant.Add(1, tenant, MetricLabels.Of(outcome));
        if (job.ImagesMade is > 0 and var images)
        {
            _images.Add(images, tenant, MetricLabels.Model(spec.Model));
        }
        if (outcome == JobOutcome.Succeeded && job.FinishedAt - spec.AcceptedAt is { } took)
        {
            _duration.Record(Math.Max(0, took.TotalSeconds), tenant, priority);
        }
        if (_objectives.IsGood(job) is { } good)
        {
            _slo.Add(1, priority);
            if (good)
            {
                _sloGood.Add(1, priority);
            }
        }
    }
}
