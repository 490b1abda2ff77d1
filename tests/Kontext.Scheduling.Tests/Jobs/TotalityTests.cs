using System.Text.Json;
using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Scheduling.Jobs;

namespace Kontext.Scheduling.Tests.Jobs;

/// <summary>The machine has an answer to every state that can be read and every event, sensible or not.</summary>
public sealed class TotalityTests
{
    private static readonly Gen<DateTimeOffset> Time = Gen.Int[-60, 60]
        .Select(seconds => Given.Start.AddSeconds(seconds));
    private static readonly Gen<DateTimeOffset?> MaybeTime = Maybe(Time);
    private static readonly Gen<Stage> Stages = Gen.Enum<Stage>();
    private static readonly Gen<TaskId> TaskIds = Gen.Select(
        Stages,
        Gen.Int[-1, 3],
        (stage, sample) => new TaskId(stage, sample)
    );
    private static readonly Gen<int> Runs = Gen.OneOf(Gen.Int[0, 3], Gen.OneOf(int.MinValue, int.MaxValue));

    private static readonly Gen<StageOutput?> Outputs = Gen.OneOf<StageOutput?>(
        null,
        Given.Encoded,
        new DenoiseOutput("latents"),
        new DecodeOutput("image", "latents", -1)
    );

    private static readonly Gen<JobFault?> Faults = Gen.OneOf(
        Gen.OneOf<JobFault?>(null, new JobFault("of_tomorrow", "")),
        Gen.Int[0, ErrorCode.All.Length - 1].Select(JobFault? (i) => new(ErrorCode.All[i].Name, "It failed."))
    );

    private static readonly Gen<TaskState> States = Gen.Select(
        Gen.Enum<TaskPhase>(),
        Runs,
        Gen.Int[-1, 12],
        Gen.Int[-1, 12],
        MaybeTime,
        MaybeTime,
        Outputs,
        (phase, run, failures, misses, notBefore, checkAt, output) =>
            new TaskState
            {
                Phase = phase,
                Run = run,
                Failures = failures,
                Misses = misses,
                NotBefore = notBefore,
                CheckAt = checkAt,
                Output = output,
            }
    );

    private static readonly Gen<JobSpec> Specs = Gen.Select(
        Gen.Int[-1, 3],
        MaybeTime,
        (count, deadline) => Given.Spec(count: count) with { Deadline = deadline, Seed = long.MaxValue, Width = -1 }
    );

    private static readonly Gen<JobRecord?> Records = Maybe(
            Gen.Select(
                Specs,
                Gen.Enum<JobPhase>(),
                States,
                Gen.Select(States, States, (denoise, decode) => new SampleState(denoise, decode)).Array[0, 3],
                Faults,
                (spec, phase, encode, samples, fault) =>
                    new Boxed(
                        new()
                        {
                            Spec = spec,
                            Phase = phase,
                            Encode = encode,
                            Samples = samples,
                            Fault = fault,
                        }
                    )
            )
        )
        .Select(boxed => boxed?.Record);

    private static readonly Gen<TaskReport> Reports = Gen.Select(
        TaskIds,
        Gen.Enum<TaskResult>(),
        Runs,
        Outputs,
        Faults,
        Gen.Double,
        (task, result, run, output, fault, ms) =>
            Given.Report(task, result, run) with
            {
                Output = output,
                Fault = fault,
                DeviceMs = ms,
            }
    );

    private static readonly Gen<Claim> Claims = Gen.Select(
        Runs,
        Gen.Bool,
        Reports,
        Gen.Bool,
        Gen.OneOf(Time, Gen.OneOf(DateTimeOffset.MinValue, DateTimeOffset.MaxValue)),
        (run, live, report, done, lease) => Given.Claim(run, live, done ? report : null) with { LeaseUntil = lease }
    );

    private static readonly Gen<JobEvent> Events = Gen.OneOf<JobEvent>(
        Specs.Select(JobEvent (spec) => new JobEvent.Submitted(spec)),
        Gen.OneOf<JobEvent>(
            new JobEvent.CancelRequested(),
            new JobEvent.TimePassed(),
            new JobEvent.TerminalRecordWritten()
        ),
        TaskIds.Select(JobEvent (task) => new JobEvent.TaskReleased(task)),
        Gen.Select(TaskIds, Runs, JobEvent (task, run) => new JobEvent.TaskUnsent(task, run)),
        Reports.Select(JobEvent (report) => new JobEvent.TaskReported(report)),
        Gen.Select(TaskIds, Runs, Claims, JobEvent (task, run, claim) => new JobEvent.ClaimRead(task, run, claim)),
        Gen.Select(TaskIds, Runs, JobEvent (task, run) => new JobEvent.ClaimRead(task, run, null))
    );

    [Fact]
    public void There_is_a_next_state_for_everything() =>
        Gen.Select(Records, Events)
            .Sample(
                (record, happened) =>
                {
                    var (next, effects) = JobMachine.Next(record, happened, Given.Start);
                    if (next is null)
                    {
                        record.ShouldBeNull();
                        effects.ShouldBeEmpty();
                        return;
                    }
                    // Whatever comes out can be stored and looked at.
                    JsonSerializer.Serialize(next, WireJson.Default.JobRecord).ShouldNotBeEmpty();
                    JobMachine.Resume(next).ShouldNotBeNull();
                    JobMachine.Ready(next, Given.Start).ToArray().ShouldNotBeNull();
                    if (record is not null && next.Phase != record.Phase)
                    {
                        next.Phase.ShouldBe(record.Phase + 1);
                    }
                    if (record?.Phase == JobPhase.Ended)
                    {
                        next.ShouldBeSameAs(record);
                        effects.ShouldBeEmpty();
                    }
                },
                iter: 20_000
            );

    [Fact]
    public void Time_makes_a_difference_when_it_is_due_and_not_before() =>
        Records.Sample(
            record =>
            {
                if (record is null)
                {
                    return;
                }
                var due = JobMachine.NextDue(record);
                if (due is { } moment && moment > DateTimeOffset.MinValue)
                {
                    Pass(record, moment).ShouldNotBeSameAs(record);
                    Pass(record, moment.AddTicks(-1)).ShouldBeSameAs(record);
                }
                else if (due is null)
                {
                    Pass(record, DateTimeOffset.MaxValue).ShouldBeSameAs(record);
                }
                // What was due is due no more.
                var after = JobMachine.NextDue(Pass(record, Given.Start));
                (after <= Given.Start).ShouldBeFalse($"{after}");
            },
            iter: 5_000
        );

    [Fact]
    public void What_is_ready_can_be_released_and_nothing_else() =>
        Gen.Select(Records, TaskIds)
            .Sample(
                (record, task) =>
                {
                    if (record is null)
                    {
                        return;
                    }
                    var (next, effects) = JobMachine.Next(record, new JobEvent.TaskReleased(task), Given.Start);
                    var ready = JobMachine.Ready(record, Given.Start).Contains(task);
                    ReferenceEquals(next, record).ShouldBe(!ready);
                    effects.Count.ShouldBe(ready ? 1 : 0);
                },
                iter: 5_000
            );

    private static JobRecord Pass(JobRecord record, DateTimeOffset now) =>
        JobMachine.Next(record, new JobEvent.TimePassed(), now).Record.ShouldNotBeNull();

    private static Gen<DateTimeOffset?> Maybe(Gen<DateTimeOffset> gen) => Gen.Nullable(gen);

    private static Gen<T?> Maybe<T>(Gen<T> gen)
        where T : class => Gen.Null(gen);

    /// <summary>Lets a generated record be absent.</summary>
    private sealed record Boxed(JobRecord Record);
}
