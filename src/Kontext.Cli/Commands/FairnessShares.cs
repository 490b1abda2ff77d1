using Kontext.Contracts.Jobs;

namespace Kontext.Cli.Commands;

/// <summary>Device time that tenants have had while all of them waited for some, from the records of their jobs.</summary>
/// <param name="Until">When the last denoise task of a tenant was released: from then on not all waited. Null: all still do.</param>
/// <param name="IsSettled">Whether everything has been reported that ran until then.</param>
/// <param name="Seconds">From the first denoise task's start to <paramref name="Until"/>.</param>
/// <param name="DeviceMs">Device time until then, by tenant, in milliseconds.</param>
internal sealed record FairnessShares(
    DateTimeOffset? Until,
    bool IsSettled,
    double Seconds,
    IReadOnlyDictionary<string, double> DeviceMs
)
{
    /// <summary>
    /// Reads them off. All stages count, as they do for the scheduler; a task that runs across the end counts by the part of its run that
    /// lies before.
    /// </summary>
    public static FairnessShares Of(IReadOnlyCollection<JobRecord> records)
    {
        var tenants = records.ToLookup(record => record.Spec.Tenant, StringComparer.Ordinal);
        var until = tenants
            .Where(tenant => tenant.SelectMany(Denoise).All(HasGone))
            .Select(tenant => tenant.SelectMany(Denoise).Max(task => task.ReleasedAt))
            .Min();
        var from = records.SelectMany(Denoise).Min(task => task.StartedAt);
        if (until is not { } end || from is not { } start)
        {
            return new(until, IsSettled: false, 0, new Dictionary<string, double>());
        }
        return new(
            until,
            records.SelectMany(Denoise).All(task => task.Phase != TaskPhase.Released || task.ReleasedAt > end),
            (end - start).TotalSeconds,
            tenants.ToDictionary(
                tenant => tenant.Key,
                tenant => tenant.Sum(record => record.Tasks.Sum(task => Before(end, record[task]))),
                StringComparer.Ordinal
            )
        );
    }

    private static IEnumerable<TaskState> Denoise(JobRecord record) => record.Samples.Select(sample => sample.Denoise);

    private static bool HasGone(TaskState task) => task.Phase is TaskPhase.Released or TaskPhase.Done;

    private static double Before(DateTimeOffset end, TaskState task)
    {
        if (task is not { StartedAt: { } started, FinishedAt: { } finished } || started >= end)
        {
            return 0;
        }
        return finished <= end ? task.DeviceMs : task.DeviceMs * ((end - started) / (finished - started));
    }
}
