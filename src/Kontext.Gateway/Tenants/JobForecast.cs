using Kontext.Contracts.Costs;
using Kontext.Contracts.Jobs;
using Kontext.Scheduling.Costs;
using Kontext.Storage.Costs;

namespace Kontext.Gateway.Tenants;

/// <summary>How much device time a job will take, from what the leader has learned.</summary>
internal sealed class JobForecast(CostRecords costs)
{
    private volatile Learned _learned = new([], new());

    /// <summary>Device time of a whole job, in whole milliseconds.</summary>
    /// <exception cref="Contracts.KontextException"><see cref="Contracts.ErrorCode.ServiceUnavailable"/>.</exception>
    public async Task<long> PredictMsAsync(JobSpec spec, CancellationToken cancellationToken)
    {
        var recent = await costs.RecentAsync(cancellationToken);
        if (!ReferenceEquals(recent, _learned.Costs))
        {
            var table = new CostTable();
            table.Restore(recent);
            _learned = new(recent, table);
        }
        return (long)Math.Ceiling(_learned.Table.PredictJobMs(spec));
    }

    /// <summary>A table that nobody changes any more, so that many may read it at once.</summary>
    private sealed record Learned(IReadOnlyList<LearnedCost> Costs, CostTable Table);
}
