using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Scheduling.Jobs;

namespace Kontext.Scheduling.Tests.Worlds;

/// <summary>What holds of every step of a job.</summary>
internal static class Lawful
{
    public static void Step(JobRecord? before, JobRecord? after, IReadOnlyList<JobEffect> effects)
    {
        if (after is null)
        {
            before.ShouldBeNull();
            effects.ShouldBeEmpty();
            return;
        }
        State(after);
        if (before is null)
        {
            return;
        }
        after.Spec.ShouldBeSameAs(before.Spec);
        after.Version.ShouldBe(before.Version);
        (after.Phase >= before.Phase).ShouldBeTrue("A job does not go back.");
        if (before.Phase != JobPhase.Open)
        {
            after.Outcome.ShouldBe(before.Outcome);
            after.Fault.ShouldBe(before.Fault);
            after.FinishedAt.ShouldBe(before.FinishedAt);
            Images(after).ShouldBe(Images(before));
        }
        if (before.Phase == JobPhase.Ended)
        {
            after.ShouldBeSameAs(before);
            effects.ShouldAllBe(effect => effect is JobEffect.CleanUp);
        }
        foreach (var task in before.Tasks)
        {
            Step(before[task], after[task]);
        }
    }

    private static void State(JobRecord record)
    {
        (record.Outcome is null).ShouldBe(record.Phase == JobPhase.Open);
        (record.FinishedAt is null).ShouldBe(record.Phase == JobPhase.Open);
        (record.Outcome is JobOutcome.Failed or JobOutcome.Expired).ShouldBe(record.Fault is not null);
        if (record.Outcome == JobOutcome.Succeeded)
        {
            record.Samples.ShouldAllBe(sample => sample.Decode.Output is DecodeOutput);
        }
        foreach (var task in record.Tasks)
        {
            var state = record[task];
            (state.CheckAt is not null).ShouldBe(state.Phase == TaskPhase.Released);
            if (state.Phase == TaskPhase.Done)
            {
                state.Output.ShouldNotBeNull();
            }
        }
    }

    private static void Step(TaskState before, TaskState after)
    {
        (after.Run >= before.Run).ShouldBeTrue("A run does not come back.");
        // What is charged ends the run, so that no report of it counts again. Reports charge one millisecond each.
        var ended = after.Run > before.Run || (after.Phase == TaskPhase.Done && before.Phase != TaskPhase.Done);
        (after.DeviceMs - before.DeviceMs).ShouldBeInRange(0, ended ? 1 : 0);
        if (before.Phase == TaskPhase.Done && after.Run == before.Run)
        {
            after.ShouldBe(before);
        }
    }

    private static IEnumerable<StageOutput?> Images(JobRecord record) =>
        record.Samples.Select(sample => sample.Decode.Output);
}
