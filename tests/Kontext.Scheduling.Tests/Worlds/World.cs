using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Scheduling.Jobs;

namespace Kontext.Scheduling.Tests.Worlds;

/// <summary>
/// One job and all that surrounds it, without a thread or a server: object store, records, claims, queues, a leader and
/// workers. What happens is decided outside; what must always hold is checked with every save.
/// </summary>
internal sealed class World(JobSpec spec)
{
    private readonly Arbiter _arbiter = new();
    private readonly List<JobEvent> _heard = [];
    private readonly List<LaneMessage> _lane = [];
    private readonly List<(LaneMessage Message, long Claim)> _running = [];
    private readonly List<JobEffect> _effects = [];
    private readonly HashSet<(TaskId Task, long Claim)> _reported = [];
    private JobRecord? _saved;
    private int _lastMessage;

    public DateTimeOffset Now { get; private set; } = Given.Start;

    /// <summary>What was accepted, until it is cleaned up.</summary>
    public JobSpec? Pending { get; private set; } = spec;

    /// <summary>Terminal records written, in order.</summary>
    public List<JobOutcome?> Ends { get; } = [];

    /// <summary>Everything ever reported: any of it may come again at any time.</summary>
    public List<JobEvent> Sent { get; } = [];

    public JobRecord? Saved => _saved;

    public int Heard => _heard.Count;

    public int InLane => _lane.Count;

    public int Running => _running.Count;

    public int Effects => _effects.Count;

    public static TaskReport Report(StageTask task, long claim, TaskResult result, DateTimeOffset now) =>
        Given.Report(task.Task, result, task.Run, task.Job, claim) with
        {
            // One for each report that counts, so that the sum tells how many did.
            DeviceMs = 1,
            StartedAt = now,
            FinishedAt = now,
        };

    public void Pass(TimeSpan time)
    {
        Now += time;
        _lane.RemoveAll(message => message.ExpiresAt <= Now);
        Happens(new JobEvent.TimePassed());
    }

    /// <summary>The leader lists what was accepted.</summary>
    public void ListPending()
    {
        if (Pending is { } pending && _saved is null && Ends.Count == 0)
        {
            Happens(new JobEvent.Submitted(pending));
        }
        else if (Pending is not null && _saved is null)
        {
            Pending = null;
        }
    }

    public void Send(JobEvent happened)
    {
        Sent.Add(happened);
        _heard.Add(happened);
    }

    /// <summary>The leader hears a message; one that stays was delivered twice.</summary>
    public void Hear(int index, bool stays)
    {
        var happened = _heard[index];
        if (!stays)
        {
            _heard.RemoveAt(index);
        }
        Happens(happened);
    }

    public void Release()
    {
        if (_saved is { } record)
        {
            foreach (var task in JobMachine.Ready(record, Now).ToArray())
            {
                Happens(new JobEvent.TaskReleased(task));
            }
        }
    }

    /// <summary>One effect is carried out, any of those open.</summary>
    /// <param name="index">Which.</param>
    /// <param name="sent">Whether a send gets through.</param>
    /// <param name="known">Whether the leader learns so.</param>
    public void CarryOut(int index, bool sent = true, bool known = true)
    {
        var effect = _effects[index];
        _effects.RemoveAt(index);
        switch (effect)
        {
            case JobEffect.SendTask send:
                if (sent)
                {
                    _lane.Add(new(++_lastMessage, send.Task, Now + JobPolicy.DispatchDeadline));
                }
                if (!sent || !known)
                {
                    Happens(new JobEvent.TaskUnsent(send.Task.Task, send.Task.Run));
                }
                break;
            case JobEffect.ReadClaim read:
                Happens(new JobEvent.ClaimRead(read.Task, read.Run, _arbiter.Read(read.Task, Now)));
                break;
            case JobEffect.WriteTerminalRecord:
                Ends.Add(_saved.ShouldNotBeNull().Outcome);
                Happens(new JobEvent.TerminalRecordWritten());
                break;
            default:
                Pending = null;
                _arbiter.Clear();
                break;
        }
    }

    /// <summary>The leader dies and another goes on from what is stored.</summary>
    public void ChangeLeader()
    {
        _effects.Clear();
        if (_saved is { } record)
        {
            _effects.AddRange(JobMachine.Resume(record));
        }
        ListPending();
    }

    /// <summary>Redis loses everything: the leader learns so by its next save, and opens a new term.</summary>
    public void FlushRedis()
    {
        _saved = null;
        _arbiter.Clear();
        ChangeLeader();
    }

    public void WipeBroker()
    {
        _lane.Clear();
        _heard.Clear();
    }

    /// <summary>A worker takes a message.</summary>
    public void Take(int index)
    {
        var message = _lane[index];
        _lane.RemoveAt(index);
        if (_saved?.Phase != JobPhase.Open)
        {
            return;
        }
        var (number, report) = _arbiter.Claim(message, Now);
        if (number is { } granted)
        {
            _running.Add((message, granted));
        }
        else if (report is not null)
        {
            _reported.Add((report.Task, report.Claim));
            Send(new JobEvent.TaskReported(report));
        }
    }

    /// <summary>A worker is done, well or not.</summary>
    /// <param name="index">With which of the tasks under way.</param>
    /// <param name="make">Its report.</param>
    /// <param name="dies">Whether it dies before it can send the report.</param>
    public void Finish(int index, Func<StageTask, long, TaskReport> make, bool dies = false)
    {
        var (message, claim) = _running[index];
        _running.RemoveAt(index);
        var report = make(message.Task, claim);
        if (report.Result == TaskResult.GivenBack)
        {
            _arbiter.GiveBack(report.Task, claim, Now);
        }
        else if (!_arbiter.Finish(report))
        {
            return;
        }
        _reported.Add((report.Task, claim));
        if (dies)
        {
            _lane.Add(message with { Redelivered = true });
        }
        else
        {
            Send(new JobEvent.TaskReported(report));
        }
    }

    /// <summary>A worker dies; the broker may or may not notice.</summary>
    public void Kill(int index, bool noticed)
    {
        var (message, _) = _running[index];
        _running.RemoveAt(index);
        if (noticed)
        {
            _lane.Add(message with { Redelivered = true });
        }
    }

    private void Happens(JobEvent happened)
    {
        var (next, effects) = JobMachine.Next(_saved, happened, Now);
        Lawful.Step(_saved, next, effects);
        foreach (var task in next?.Tasks ?? [])
        {
            // A millisecond for each claim that was reported, however often.
            next![task].DeviceMs.ShouldBeLessThanOrEqualTo(_reported.Count(reported => reported.Task == task));
        }
        if (!ReferenceEquals(next, _saved))
        {
            _saved = next.ShouldNotBeNull() with { Version = next.Version + 1 };
        }
        _effects.AddRange(effects);
    }
}
