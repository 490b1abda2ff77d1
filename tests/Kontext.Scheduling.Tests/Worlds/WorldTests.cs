using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Scheduling.Jobs;

namespace Kontext.Scheduling.Tests.Worlds;

/// <summary>Accepted means finished: whatever happens, and in whatever order, a job ends once.</summary>
public sealed class WorldTests
{
    /// <summary>Rounds of a second each in which a calm world must end: the longest backoff, leases and looks come one after another.</summary>
    private const int CalmSeconds = 300;

    private static readonly Gen<(int Kind, int Which, bool Flag)[]> Moves = Gen.Select(
        Gen.Int[0, 99],
        Gen.Int[0, 1000],
        Gen.Bool
    ).Array[0, 120];

    private static readonly string[] Faults =
    [
        ErrorCode.DeviceFailed.Name,
        ErrorCode.OutOfMemory.Name,
        ErrorCode.ServiceUnavailable.Name,
        ErrorCode.Internal.Name,
        "a_code_of_tomorrow",
        ErrorCode.ResultNotANumber.Name,
    ];

    [Fact]
    public void Whatever_happens_a_job_ends_once() =>
        Gen.Select(Gen.Int[1, 3], Gen.Int[0, 3], Moves)
            .Sample(
                (count, deadline, moves) =>
                {
                    var world = new World(
                        Given.Spec(count: count) with
                        {
                            // One in four has a deadline that may pass meanwhile.
                            Deadline = deadline == 0 ? Given.Start.AddSeconds(40) : null,
                        }
                    );
                    world.ListPending();
                    foreach (var (kind, which, flag) in moves)
                    {
                        Move(world, kind, which, flag);
                    }
                    Calm(world);
                    world.Pending.ShouldBeNull();
                    var outcome = world.Ends.Distinct().ShouldHaveSingleItem();
                    // A record may be lost once the terminal one is written.
                    if (world.Saved is { } record)
                    {
                        record.Phase.ShouldBe(JobPhase.Ended);
                        record.Outcome.ShouldBe(outcome);
                    }
                },
                iter: 3000
            );

    [Fact]
    public void A_calm_world_runs_every_task_once()
    {
        var world = new World(Given.Spec(count: 3));
        world.ListPending();
        Calm(world);
        world.Saved.ShouldNotBeNull().Outcome.ShouldBe(JobOutcome.Succeeded);
        world.Saved.Tasks.ShouldAllBe(task => world.Saved[task].Run == 1 && world.Saved[task].Failures == 0);
        world.Sent.Count.ShouldBe(1 + 3 + 3);
        world.Ends.ShouldBe([JobOutcome.Succeeded]);
    }

    private static void Move(World world, int kind, int which, bool flag)
    {
        switch (kind)
        {
            case < 15 when world.Heard > 0:
                world.Hear(which % world.Heard, stays: flag);
                break;
            case < 30:
                world.Release();
                break;
            case < 45 when world.Effects > 0:
                world.CarryOut(which % world.Effects, sent: which % 7 != 0, known: which % 11 != 0);
                break;
            case < 60 when world.InLane > 0:
                world.Take(which % world.InLane);
                break;
            case < 75 when world.Running > 0:
                world.Finish(which % world.Running, (task, claim) => Any(task, claim, which, world.Now), dies: flag);
                break;
            case < 80:
                world.Pass(TimeSpan.FromSeconds(which % 15));
                break;
            case < 85 when world.Running > 0:
                world.Kill(which % world.Running, noticed: flag);
                break;
            case < 90 when world.Sent.Count > 0:
                // Late, stale or doubled.
                world.Send(world.Sent[which % world.Sent.Count]);
                break;
            case < 94:
                world.ChangeLeader();
                break;
            case < 95:
                world.FlushRedis();
                break;
            case < 96:
                world.WipeBroker();
                break;
            case < 97 when flag:
                world.Send(new JobEvent.CancelRequested());
                break;
            default:
                world.ListPending();
                break;
        }
    }

    private static TaskReport Any(StageTask task, long claim, int which, DateTimeOffset now) =>
        (which % 10) switch
        {
            < 5 => World.Report(task, claim, TaskResult.Succeeded, now),
            5 => World.Report(task, claim, TaskResult.InputsMissing, now),
            6 => World.Report(task, claim, TaskResult.GivenBack, now),
            7 => World.Report(task, claim, TaskResult.Stopped, now),
            8 => World.Report(task, claim, TaskResult.Succeeded, now) with { Output = null },
            _ => World.Report(task, claim, TaskResult.Failed, now) with
            {
                Fault = new(Faults[which / 10 % Faults.Length], "It did not work."),
            },
        };

    /// <summary>Nothing goes wrong any more: messages arrive, workers work, time passes.</summary>
    private static void Calm(World world)
    {
        for (var second = 0; second < CalmSeconds && world.Pending is not null; second++)
        {
            world.ListPending();
            world.Release();
            while (world.Effects + world.Heard + world.InLane + world.Running > 0)
            {
                while (world.Effects > 0)
                {
                    world.CarryOut(0);
                }
                while (world.InLane > 0)
                {
                    world.Take(0);
                }
                while (world.Running > 0)
                {
                    world.Finish(0, (task, claim) => World.Report(task, claim, TaskResult.Succeeded, world.Now));
                }
                while (world.Heard > 0)
                {
                    world.Hear(0, stays: false);
                }
                world.Release();
            }
            world.Pass(TimeSpan.FromSeconds(1));
        }
    }
}
