using System.Globalization;
using Kontext.Gateway.Cluster;

namespace Kontext.Cli.Top;

/// <summary>The cluster as lines of text.</summary>
internal static class TopFrame
{
    /// <summary>The leader writes every second: after several that did not come there is none.</summary>
    private static readonly TimeSpan LeaderSilent = TimeSpan.FromSeconds(5);

    /// <summary>Digits of a digest that tell models of one name apart.</summary>
    private const int DigestDigits = 6;

    /// <summary>Learned batches of a worker that are shown; the rest is counted.</summary>
    private const int MostBatches = 2;

    /// <summary>A table is shown with its head and a line at least.</summary>
    private const int LeastHeight = 2;

    /// <summary>Sets a view within the size of a screen.</summary>
    /// <param name="view">The cluster.</param>
    /// <param name="server">Whose view it is.</param>
    /// <param name="trouble">Why there is no newer one, or null.</param>
    /// <param name="now">The time.</param>
    /// <param name="size">Columns and rows of the screen; null: as many as it takes.</param>
    public static IReadOnlyList<TopLine> Lay(
        ClusterView view,
        Uri server,
        string? trouble,
        DateTimeOffset now,
        (int Width, int Height)? size
    )
    {
        List<TopLine> lines =
        [
            new(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"kontext top  {server.GetLeftPart(UriPartial.Authority)}  {now:HH:mm:ss} UTC"
                ),
                TopStyle.Head
            ),
            Leader(view.Board),
            Sum(view),
        ];
        if (trouble is not null)
        {
            lines.Add(new(trouble, TopStyle.Alarm));
        }
        TopTable[] tables = [Lanes(view.Lanes), Workers(view.Workers, now), Tenants(view.Tenants)];
        var heights = tables.Select(table => table.Height).ToArray();
        if (size is { } screen)
        {
            // Each has an empty line before it.
            heights = Share(screen.Height - lines.Count - tables.Length, heights);
        }
        foreach (var (table, height) in tables.Zip(heights))
        {
            lines.Add(new(""));
            lines.AddRange(table.Lay(height));
        }
        var (width, most) = size ?? (int.MaxValue, int.MaxValue);
        return [.. lines.Take(most).Select(line => line with { Text = TopTable.Fit(line.Text, width) })];
    }

    /// <summary>Gives each what it needs as far as there is, and what is scarce evenly.</summary>
    internal static int[] Share(int available, IReadOnlyList<int> needs)
    {
        int[] given = [.. needs.Select(need => Math.Min(need, LeastHeight))];
        for (var left = available - given.Sum(); left > 0; left--)
        {
            var poorest = Enumerable
                .Range(0, given.Length)
                .Where(i => given[i] < needs[i])
                .DefaultIfEmpty(-1)
                .MinBy(i => i < 0 ? 0 : given[i]);
            if (poorest < 0)
            {
                break;
            }
            given[poorest]++;
        }
        return given;
    }

    private static TopLine Leader(BoardView? board) =>
        board is null ? new("leader   none has begun yet", TopStyle.Alarm)
        : board.AgeMs > LeaderSilent.TotalMilliseconds
            ? new($"leader   none: the last, of term {board.Epoch}, was heard {Age(board.AgeMs)} ago", TopStyle.Alarm)
        : new($"leader   term {board.Epoch}, heard {Age(board.AgeMs)} ago");

    private static TopLine Sum(ClusterView view)
    {
        var slots = view.Workers.SelectMany(worker => worker.Stages).ToArray();
        var draining = view.Workers.Count(worker => !worker.Accepting);
        return new(
            $"tasks    {view.Lanes.Sum(lane => lane.Waiting)} waiting, {view.Lanes.Sum(lane => lane.Released)} released   "
                + $"workers {view.Workers.Count}{(draining > 0 ? $", {draining} draining" : "")}   "
                + $"slots {slots.Sum(stage => stage.Running ?? 0)} of {slots.Sum(stage => stage.Slots)}"
                + (view.Board?.EtaError is { } error ? $"   ETA off by {Percent(error)}" : "")
        );
    }

    private static TopTable Lanes(IReadOnlyList<LaneView> lanes)
    {
        var twice = lanes
            .GroupBy(lane => lane.Model)
            .Where(group => group.Select(lane => lane.Digest).Distinct().Count() > 1)
            .Select(group => group.Key)
            .ToHashSet();
        return new(
            ["LANE", "STAGE", "SIZE", ">WAITING", ">RELEASED", ">OLDEST", ">WORKERS", ">SLOTS"],
            [
                .. lanes
                    .OrderByDescending(lane => lane is { Waiting: > 0, Workers: 0 })
                    .ThenByDescending(lane => lane.Waiting)
                    .ThenByDescending(lane => lane.Released)
                    .Select(lane => new TopRow(
                        [
                            twice.Contains(lane.Model) ? $"{lane.Model} {Digest(lane.Digest)}" : lane.Model,
                            Name(lane.Stage),
                            Name(lane.Size),
                            $"{lane.Waiting}",
                            $"{lane.Released}",
                            lane.Waiting > 0 ? Age(lane.OldestWaitMs) : "",
                            $"{lane.Workers}",
                            $"{lane.Slots}",
                        ],
                        lane is { Waiting: > 0, Workers: 0 } ? TopStyle.Alarm : TopStyle.Plain
                    )),
            ]
        );
    }

    private static TopTable Workers(IReadOnlyList<WorkerView> workers, DateTimeOffset now) =>
        new(
            ["WORKER", "DEVICE", "RUNNING", ">A STEP", ">UP", "BATCHES"],
            [
                .. workers.Select(worker => new TopRow([
                    worker.Host,
                    worker.Device,
                    string.Join(
                        ' ',
                        worker.Stages.Select(stage =>
                            $"{Name(stage.Stage)} {stage.Running?.ToString(CultureInfo.InvariantCulture) ?? "?"}/{stage.Slots}"
                        )
                    ) + (worker.Accepting ? "" : " draining"),
                    worker.Stages.Select(stage => stage.MsPerStep).FirstOrDefault(ms => ms is not null) is { } step
                        ? Age(step)
                        : "",
                    Age((now - worker.StartedAt).TotalMilliseconds),
                    Batches(worker),
                ])),
            ]
        );

    private static string Batches(WorkerView worker)
    {
        var learned = worker.Batches ?? [];
        var shown = learned
            .Take(MostBatches)
            .Select(batch => $"{batch.Size} @ {(worker.Models.Count > 1 ? $"{batch.Model} " : "")}{batch.Shape}");
        var left = learned.Count - MostBatches;
        return string.Join(", ", shown) + (left > 0 ? $" +{left}" : "");
    }

    private static TopTable Tenants(IReadOnlyList<TenantView> tenants) =>
        new(
            ["TENANT", ">WAITING", ">RUNNING", ">LATELY", ">TODAY", ">SHARE"],
            [
                .. tenants.Select(tenant => new TopRow([
                    tenant.Name,
                    $"{tenant.Waiting}",
                    $"{tenant.Running}",
                    Percent(tenant.RecentShare),
                    Age(tenant.DeviceMsToday),
                    Percent(tenant.Share),
                ])),
            ]
        );

    private static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0} %");

    private static string Name<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    /// <summary>The first digits of a digest, without what names its kind.</summary>
    private static string Digest(string digest)
    {
        var digits = digest[(digest.IndexOf(':') + 1)..];
        return digits[..Math.Min(digits.Length, DigestDigits)];
    }

    /// <summary>A time in the unit that leaves the fewest digits.</summary>
    internal static string Age(double ms)
    {
        var time = TimeSpan.FromMilliseconds(Math.Clamp(ms, 0, TimeSpan.MaxValue.TotalMilliseconds / 2));
        return time switch
        {
            { TotalSeconds: < 1 } => Text(time.TotalMilliseconds, "0", "ms"),
            { TotalSeconds: < 10 } => Text(time.TotalSeconds, "0.0", "s"),
            { TotalMinutes: < 2 } => Text(Math.Floor(time.TotalSeconds), "0", "s"),
            { TotalHours: < 2 } => Text(Math.Floor(time.TotalMinutes), "0", "min"),
            { TotalDays: < 2 } => Text(Math.Floor(time.TotalHours), "0", "h"),
            _ => Text(Math.Floor(time.TotalDays), "0", "d"),
        };

        static string Text(double number, string format, string unit) =>
            $"{number.ToString(format, CultureInfo.InvariantCulture)} {unit}";
    }
}
