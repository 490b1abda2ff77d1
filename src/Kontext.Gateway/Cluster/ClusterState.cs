using Kontext.Contracts.Cluster;
using Kontext.Contracts.Costs;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Workers;

namespace Kontext.Gateway.Cluster;

/// <summary>The cluster as the stores have it at one moment.</summary>
/// <param name="Board">What the leader shows; null: none has yet.</param>
/// <param name="Workers">The live workers.</param>
/// <param name="UsageMs">Device time of each tenant today, in milliseconds.</param>
/// <param name="Costs">What work has been found to cost.</param>
internal sealed record ClusterState(
    ClusterBoard? Board,
    IReadOnlyList<WorkerProfile> Workers,
    IReadOnlyDictionary<string, double> UsageMs,
    IReadOnlyList<LearnedCost> Costs
)
{
    /// <summary>What may be seen of it.</summary>
    /// <param name="tenant">The only tenant that is shown; null: all are.</param>
    /// <param name="now">The time.</param>
    public ClusterView View(string? tenant, DateTimeOffset now) =>
        new(
            // Of clocks that are apart, the younger board is not from the future.
            Board is null
                ? null
                : new(Board.Epoch, Board.At, Math.Max(0, (now - Board.At).TotalMilliseconds), Board.EtaError),
            [.. Lanes()],
            [.. Workers.OrderBy(worker => worker.StartedAt).ThenBy(worker => worker.Id).Select(Of)],
            [.. Tenants().Where(one => tenant is null || one.Name == tenant)]
        );

    private IEnumerable<LaneView> Lanes()
    {
        var busy = (Board?.Lanes ?? []).ToDictionary(lane => (lane.Model, lane.Stage, lane.Size));
        var served =
            from worker in Workers
            from model in worker.Models
            from stage in worker.Slots.Keys
            from size in Enum.GetValues<SizeClass>()
            where size <= worker.LargestSize
            select (model, stage, size);
        return from lane in busy.Keys.Union(served)
            orderby lane.Item1.Name, lane.Item1.Digest, lane.Item2, lane.Item3
            select Lane(lane.Item1, lane.Item2, lane.Item3, busy.GetValueOrDefault(lane));
    }

    private LaneView Lane(ModelRef model, Stage stage, SizeClass size, LaneStanding? standing)
    {
        var takers = Workers
            .Where(worker =>
                worker.Accepting
                && worker.Models.Contains(model)
                && worker.Slots.ContainsKey(stage)
                && worker.LargestSize >= size
            )
            .ToArray();
        return new(
            model.Name,
            model.Digest,
            stage,
            size,
            standing?.Waiting ?? 0,
            standing?.Released ?? 0,
            standing?.OldestWaitMs ?? 0,
            takers.Length,
            takers.Sum(worker => worker.Slots[stage])
        );
    }

    private IEnumerable<TenantView> Tenants()
    {
        var all = UsageMs.Values.Sum();
        var open = (Board?.Tenants ?? []).ToDictionary(tenant => tenant.Tenant);
        return from name in open.Keys.Union(UsageMs.Keys)
            let jobs = open.GetValueOrDefault(name)
            let ms = UsageMs.GetValueOrDefault(name)
            orderby ms descending, name
            select new TenantView(
                name,
                jobs?.Waiting ?? 0,
                jobs?.Running ?? 0,
                ms,
                all > 0 ? ms / all : 0,
                jobs?.RecentShare ?? 0
            );
    }

    private WorkerView Of(WorkerProfile worker) =>
        new(
            worker.Id,
            worker.Host,
            worker.Device,
            worker.MemoryBytes,
            [.. worker.Models.Select(model => model.Name)],
            [
                .. from slots in worker.Slots
                orderby slots.Key
                select new StageView(
                    slots.Key,
                    slots.Value,
                    worker.Running is { } running ? running.GetValueOrDefault(slots.Key) : null,
                    slots.Key == Stage.Denoise ? MsPerStep(worker) : null
                ),
            ],
            worker.LargestSize,
            worker.Accepting,
            worker.StartedAt,
            worker.Batches is { Count: > 0 } learned
                ?
                [
                    .. from batch in learned
                    orderby batch.Size descending, batch.Model, batch.Shape
                    let model = worker.Models.FirstOrDefault(model => model.Short == batch.Model)
                    select new BatchView(model?.Name ?? batch.Model, batch.Shape, batch.Size, batch.StepsPerSecond),
                ]
                : null
        );

    private double? MsPerStep(WorkerProfile worker)
    {
        double[] known =
        [
            .. from cost in Costs
            where cost.Stage == Stage.Denoise && cost.Device == worker.Device
            where worker.Models.Any(model => model.Digest == cost.ModelDigest)
            orderby cost.MsPerUnit
            select cost.MsPerUnit,
        ];
        return known.Length > 0 ? known[known.Length / 2] : null;
    }
}
