using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Scheduling.Jobs;

namespace Kontext.Scheduling.Tests.Jobs;

/// <summary>A row of the tables in docs/jobs.md: what is tried, and in words what the machine makes of it.</summary>
internal sealed record TransitionRow(string State, string Event, JobRecord? Before, IReadOnlyList<JobEvent> Events)
{
    public static TransitionRow Of(string state, string label, JobRecord? before, JobEvent happened) =>
        new(state, label, before, [happened]);

    /// <summary>As a row of a table in Markdown. All events of a row must come to the same.</summary>
    public override string ToString() =>
        Events
            .Select(happened => JobMachine.Next(Before, happened, Given.Start))
            .Select(next => $"| {State} | {Event} | {Change(next.Record)} | {Effects(next.Effects)} |")
            .Distinct()
            .ShouldHaveSingleItem();

    private string Change(JobRecord? after)
    {
        if (ReferenceEquals(Before, after))
        {
            return "unchanged";
        }
        after.ShouldNotBeNull();
        if (Before is { Phase: JobPhase.Open } && after.Phase == JobPhase.Finishing)
        {
            return after.Fault is { } fault
                ? $"Finishing: {after.Outcome}, `{fault.Code}`"
                : $"Finishing: {after.Outcome}";
        }
        var tasks = after
            .Tasks.Where(task => Before is null || after[task] != Before[task])
            .Select(task => $"{task} {Change(Before?[task], after[task])}");
        var phase = after.Phase != Before?.Phase ? [after.Phase.ToString()] : Array.Empty<string>();
        return string.Join("; ", [.. phase, .. tasks]);
    }

    private static string Change(TaskState? before, TaskState after)
    {
        List<string> more = [];
        if (before is not null && after.Run != before.Run)
        {
            after.Run.ShouldBe(before.Run + 1);
            more.Add("next run");
        }
        if (after.NotBefore > Given.Start)
        {
            more.Add($"in {(after.NotBefore - Given.Start).Value.TotalSeconds} s");
        }
        if (after.CheckAt is { } check)
        {
            more.Add($"checked in {(check - Given.Start).TotalSeconds} s");
        }
        if (after.Failures > (before?.Failures ?? 0))
        {
            more.Add("a failure counted");
        }
        if (after.Misses > (before?.Misses ?? 0))
        {
            more.Add("a miss counted");
        }
        return more.Count == 0 ? $"{after.Phase}" : $"{after.Phase} ({string.Join(", ", more)})";
    }

    private static string Effects(IReadOnlyList<JobEffect> effects) =>
        string.Join(
            ", ",
            effects.Select(effect =>
                effect switch
                {
                    JobEffect.SendTask send => $"SendTask {send.Task.Task}",
                    JobEffect.ReadClaim read => $"ReadClaim {read.Task}",
                    _ => effect.GetType().Name,
                }
            )
        );
}
