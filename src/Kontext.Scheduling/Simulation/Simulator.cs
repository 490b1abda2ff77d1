using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Scheduling.Jobs;
using Kontext.Scheduling.Terms;

namespace Kontext.Scheduling.Simulation;

/// <summary>
/// A discrete-event simulation of a cluster. The term that leads is the coordinator's own, with its job machine, queue, placement
/// and costs; broker, arbiter and devices are played here. The same scenario gives the same run.
/// </summary>
public sealed class Simulator
{
    /// <summary>Any moment would do.</summary>
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>What a death costs: samples go on from their last checkpoint.</summary>
    private const double CheckpointMs = 2000;

    private readonly Scenario _scenario;
    private readonly TimeProvider _stopwatch;
    private readonly Term _term = new(epoch: 1, Start);
    private readonly PriorityQueue<Action, (double AtMs, long Number)> _events = new();
    private readonly List<SimulatedWorker> _workers = [];
    private readonly SimulatedLanes _lanes = new();
    private readonly Dictionary<(string Job, TaskId Task), (SimulatedTask Task, SimulatedWorker? Worker)> _claims = [];
    private readonly Dictionary<string, Arrival> _jobs = new(StringComparer.Ordinal);
    private readonly Tally _tally;
    private readonly Random _failures;
    private long _number;
    private double _nowMs;
    private int _toCome;
    private int _open;

    /// <param name="scenario">What is simulated.</param>
    /// <param name="stopwatch">Measures what decisions cost in real time; nothing depends on it.</param>
    public Simulator(Scenario scenario, TimeProvider stopwatch)
    {
        (_scenario, _stopwatch) = (scenario, stopwatch);
        _tally = new(scenario);
        _failures = new(scenario.Seed);
    }

    private DateTimeOffset Now => Start.AddMilliseconds(_nowMs);

    /// <summary>Runs until every job has ended.</summary>
    public SimulationReport Run(CancellationToken cancellationToken)
    {
        _term.SeeTenants(_scenario.Tenants.Select(Tenant));
        AddWorkers();
        _toCome = _scenario.Jobs;
        using var arrivals = new Arrivals(_scenario).All().GetEnumerator();
        Arrive(arrivals);
        Tick();
        while ((_toCome > 0 || _open > 0) && _events.TryDequeue(out var happens, out var when))
        {
            cancellationToken.ThrowIfCancellationRequested();
            _nowMs = when.AtMs;
            happens();
        }
        return _tally.Report(_nowMs, _workers);
    }

    private void At(double ms, Action happens) => _events.Enqueue(happens, (ms, _number++));

    private void Arrive(IEnumerator<Arrival> arrivals)
    {
        if (!arrivals.MoveNext())
        {
            _toCome = 0;
            return;
        }
        var arrival = arrivals.Current;
        At(
            arrival.AtS * 1000,
            () =>
            {
                var spec = Arrivals.Spec(arrival, Start);
                _jobs[spec.Id] = arrival;
                _toCome--;
                _open++;
                _tally.Accepted(arrival, _nowMs);
                Decide(() => _term.Apply(spec.Id, new JobEvent.Submitted(spec), Now));
                if (_scenario.MeasureEta)
                {
                    _tally.Estimated(
                        arrival,
                        _term.Estimates(Now).FirstOrDefault(one => one.Job == spec.Id)?.EndsAt - Start
                    );
                }
                Arrive(arrivals);
            }
        );
    }

    private void Tick()
    {
        Decide(() =>
            _term.SeeWorkers([.. _workers.Where(worker => worker.IsUp).Select(worker => worker.Profile)], Now)
        );
        At(_nowMs + Term.Tick.TotalMilliseconds, Tick);
    }

    /// <summary>Something happens to the term; then it releases what it will, and what follows is carried out until nothing does.</summary>
    private void Decide(Action happens)
    {
        var began = _stopwatch.GetTimestamp();
        happens();
        for (var goesOn = true; goesOn; )
        {
            _term.PassTime(Now);
            _term.Release(Now);
            var changes = _term.TakeChanges();
            _tally.DecidedIn(_stopwatch.GetElapsedTime(began));
            began = _stopwatch.GetTimestamp();
            goesOn = false;
            foreach (var change in changes)
            {
                foreach (var effect in change.Effects)
                {
                    // A task that is sent changes nothing until it is reported.
                    goesOn |= effect is not JobEffect.SendTask;
                    CarryOut(change.Record, effect);
                }
            }
        }
        Deliver();
    }

    private void CarryOut(JobRecord record, JobEffect effect)
    {
        var job = record.Spec.Id;
        switch (effect)
        {
            case JobEffect.SendTask send:
                _tally.Released(_jobs[job], send.Task.Task.Stage);
                _lanes.Send(send.Lane, send.Task, _nowMs);
                break;
            case JobEffect.ReadClaim read:
                _term.Apply(job, new JobEvent.ClaimRead(read.Task, read.Run, ClaimOf(job, read)), Now);
                break;
            case JobEffect.WriteTerminalRecord:
                _tally.Ended(_jobs[job], record, _nowMs);
                _term.Apply(job, new JobEvent.TerminalRecordWritten(), Now);
                break;
            case JobEffect.CleanUp:
                Stop(record);
                _term.Forget(job, Now);
                _jobs.Remove(job);
                _open--;
                break;
            default:
                throw new InvalidOperationException($"No one knows how to do {effect}.");
        }
    }

    private Claim? ClaimOf(string job, JobEffect.ReadClaim read) =>
        _claims.TryGetValue((job, read.Task), out var claim) && claim.Worker is { } worker
            ? new()
            {
                Number = 1,
                Run = read.Run,
                Worker = worker.Profile.Id,
                LeaseUntil = Now.AddSeconds(10),
                Live = true,
            }
            : null;

    /// <summary>What is still under way of a job that has ended is told to stop.</summary>
    private void Stop(JobRecord record)
    {
        foreach (var task in record.Tasks)
        {
            if (_claims.Remove((record.Spec.Id, task), out var claim))
            {
                claim.Worker?.Remove(claim.Task);
            }
        }
    }

    /// <summary>Lanes give to whoever enters, the fastest first; a worker that has got something to do begins.</summary>
    private void Deliver()
    {
        foreach (var (task, worker) in _lanes.Deliver(_nowMs))
        {
            var id = (task.Job, task.Task);
            if (
                !_jobs.TryGetValue(task.Job, out var arrival)
                || (_claims.TryGetValue(id, out var held) && held.Worker is not null)
            )
            {
                continue;
            }
            // A sample that was on its way before goes on from its checkpoint.
            var had = held.Task;
            var claimed = new SimulatedTask(
                task,
                arrival.Shape,
                task.Task.Stage == Stage.Denoise ? had?.StepsLeft ?? arrival.Shape.Steps : 1,
                _number++
            )
            {
                DeviceMs = had?.DeviceMs ?? 0,
            };
            _claims[id] = (claimed, worker);
            _tally.Claimed(arrival, worker, _nowMs);
            worker.Add(claimed);
            Begin(worker);
        }
    }

    private void Begin(SimulatedWorker worker)
    {
        if (!worker.IsBusy && worker.Begin(_nowMs) is { } ms)
        {
            var life = worker.Life;
            At(
                _nowMs + ms,
                () =>
                {
                    if (worker.Life == life)
                    {
                        End(worker, ms);
                    }
                }
            );
        }
    }

    private void End(SimulatedWorker worker, double ms)
    {
        var turn = worker.End();
        foreach (var task in turn)
        {
            _tally.Spent(task.Task.Tenant, ms / turn.Count, _nowMs);
        }
        var done = turn.Where(task => task.IsDone && _claims.Remove((task.Task.Job, task.Task.Task))).ToArray();
        foreach (var task in done)
        {
            worker.Remove(task);
        }
        Begin(worker);
        if (done.Length > 0)
        {
            Decide(() =>
            {
                foreach (var task in done)
                {
                    _term.Apply(task.Task.Job, new JobEvent.TaskReported(Report(worker, task)), Now);
                }
            });
        }
    }

    private TaskReport Report(SimulatedWorker worker, SimulatedTask task) =>
        new()
        {
            Job = task.Task.Job,
            Task = task.Task.Task,
            Run = task.Task.Run,
            Claim = 1,
            Worker = worker.Profile.Id,
            Device = worker.Profile.Device,
            Result = TaskResult.Succeeded,
            Output = task.Task.Task.Stage switch
            {
                Stage.Encode => new EncodeOutput("text", "pooled", null, null, []),
                Stage.Denoise => new DenoiseOutput("latents"),
                _ => new DecodeOutput("image", "latents", 1),
            },
            DeviceMs = task.DeviceMs,
            StartedAt = Start.AddMilliseconds(task.StartedMs ?? _nowMs),
            FinishedAt = Now,
        };

    private void AddWorkers()
    {
        foreach (var kind in _scenario.Workers)
        {
            for (var i = 0; i < kind.Count; i++)
            {
                var worker = new SimulatedWorker(
                    $"{kind.Name}-{i}",
                    kind,
                    _scenario.Engine,
                    Start.AddSeconds(kind.FromS)
                );
                _workers.Add(worker);
                At((kind.FromS + kind.LoadS) * 1000, () => ComeUp(worker));
                if (kind.UntilS is { } until)
                {
                    At(until * 1000, () => Go(worker, failed: false));
                }
            }
        }
        _lanes.Sort(_workers);
    }

    /// <summary>A worker that has come tells so at once.</summary>
    private void ComeUp(SimulatedWorker worker)
    {
        (worker.IsUp, worker.UpMs) = (true, _nowMs);
        if (worker.Kind.FailsEveryS is { } mean)
        {
            var life = worker.Life;
            At(
                _nowMs - Math.Log(1 - _failures.NextDouble()) * mean * 1000,
                () =>
                {
                    if (worker.Life == life)
                    {
                        Go(worker, failed: true);
                        At(_nowMs + worker.Kind.LoadS * 1000, () => ComeUp(worker));
                    }
                }
            );
        }
    }

    /// <summary>The broker gives what it had to others at once.</summary>
    private void Go(SimulatedWorker worker, bool failed)
    {
        foreach (var task in worker.Fail())
        {
            var stage = task.Task.Task.Stage;
            var lost =
                failed && stage == Stage.Denoise
                    ? (int)Math.Ceiling(CheckpointMs * worker.Kind.Speed / task.Shape.StepMs)
                    : 0;
            task.StepsLeft = stage == Stage.Denoise ? Math.Min(task.StepsLeft + lost, task.Shape.Steps) : 1;
            _claims[(task.Task.Job, task.Task.Task)] = (task, null);
            var pool = Queues.LanePool.Of(Arrivals.Spec(_jobs[task.Task.Job], Start), stage);
            _lanes.Send(new(pool.Model, pool.Stage, pool.Size, task.Task.Priority), task.Task, _nowMs);
        }
        Deliver();
    }

    private static Kontext.Contracts.Tenants.Tenant Tenant(SimulatedTenant tenant) =>
        new()
        {
            Id = tenant.Name,
            Name = tenant.Name,
            Weight = tenant.Weight,
            MaxRunning = tenant.MaxRunning,
            WebhookSecret = "",
            CreatedAt = Start,
            Keys = [],
        };
}
