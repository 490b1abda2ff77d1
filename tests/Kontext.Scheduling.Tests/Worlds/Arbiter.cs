using Kontext.Contracts.Tasks;

namespace Kontext.Scheduling.Tests.Worlds;

/// <summary>Who runs a task: the claims as docs/jobs.md has them, without a server.</summary>
internal sealed class Arbiter
{
    private const int MostDeaths = 3;
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);

    private readonly Dictionary<TaskId, Held> _claims = [];
    private long _lastNumber;

    /// <summary>Asks for a task: a number to run it under, or a report to send again, or neither.</summary>
    public (long? Number, TaskReport? Report) Claim(LaneMessage message, DateTimeOffset now)
    {
        var task = message.Task;
        var deaths = 0;
        if (_claims.TryGetValue(task.Task, out var held))
        {
            if (task.Run < held.Run)
            {
                return (null, null);
            }
            if (task.Run == held.Run && held.Report is { } report)
            {
                return (null, report);
            }
            var holderIsGone = message.Redelivered && message.Id == held.Delivery;
            if (held.LeaseUntil > now && held.Report is null && !holderIsGone)
            {
                return (null, null);
            }
            deaths = held.Report is null && !held.GivenBack ? held.Deaths + 1 : held.Deaths;
        }
        var number = ++_lastNumber;
        _claims[task.Task] = new(number, task.Run, message.Id, now + Lease, deaths, null, false);
        return deaths < MostDeaths ? (number, null) : (null, Exhausted(task, number, now));
    }

    /// <summary>Records a report, unless another claim has taken over.</summary>
    public bool Finish(TaskReport report)
    {
        if (!IsLatest(report.Task, report.Claim))
        {
            return false;
        }
        _claims[report.Task] = _claims[report.Task] with { Report = report };
        return true;
    }

    public void GiveBack(TaskId task, long number, DateTimeOffset now)
    {
        if (IsLatest(task, number))
        {
            _claims[task] = _claims[task] with { LeaseUntil = now, GivenBack = true };
        }
    }

    public Claim? Read(TaskId task, DateTimeOffset now) =>
        _claims.TryGetValue(task, out var held)
            ? new()
            {
                Number = held.Number,
                Run = held.Run,
                Worker = Given.Worker,
                LeaseUntil = held.LeaseUntil,
                Live = held.LeaseUntil > now,
                Deaths = held.Deaths,
                Report = held.Report,
            }
            : null;

    /// <summary>Forgets all but that numbers grow, as they do by the clock.</summary>
    public void Clear() => _claims.Clear();

    private bool IsLatest(TaskId task, long number) =>
        _claims.TryGetValue(task, out var held) && held.Number == number && held.Report is null;

    private TaskReport Exhausted(StageTask task, long number, DateTimeOffset now)
    {
        var report = World.Report(task, number, TaskResult.Failed, now) with
        {
            Fault = new("worker_died", "They died."),
        };
        Finish(report);
        return report;
    }

    private sealed record Held(
        long Number,
        int Run,
        int Delivery,
        DateTimeOffset LeaseUntil,
        int Deaths,
        TaskReport? Report,
        bool GivenBack
    );
}
