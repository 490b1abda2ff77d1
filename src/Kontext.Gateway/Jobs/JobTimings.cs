using Kontext.Contracts.Jobs;

namespace Kontext.Gateway.Jobs;

/// <summary>Derives timings from when tasks began and ended.</summary>
internal static class JobTimings
{
    public static TimingsView Of(JobSpec spec, JobRecord? record)
    {
        if (record is null)
        {
            return new(null, null, null, null, null);
        }
        var end = record.Phase == JobPhase.Ended ? record.FinishedAt : null;
        return new(
            Milliseconds(spec.AcceptedAt, record.Encode.StartedAt),
            Span([record.Encode]),
            Span([.. record.Samples.Select(sample => sample.Denoise)]),
            Span([.. record.Samples.Select(sample => sample.Decode)]),
            Milliseconds(spec.AcceptedAt, end)
        );
    }

    /// <summary>From the first begin to the last end, if all are done.</summary>
    private static double? Span(IReadOnlyList<TaskState> tasks) =>
        tasks.All(task => task is { Phase: TaskPhase.Done, StartedAt: not null, FinishedAt: not null })
            ? Milliseconds(tasks.Min(task => task.StartedAt), tasks.Max(task => task.FinishedAt))
            : null;

    /// <summary>Workers have clocks of their own: what seems to have ended before it began took no time.</summary>
    private static double? Milliseconds(DateTimeOffset? from, DateTimeOffset? to) =>
        to - from is { } time ? Math.Round(Math.Max(time.TotalMilliseconds, 0), 1) : null;
}
