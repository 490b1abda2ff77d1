using Kontext.Scheduling.Jobs;

namespace Kontext.Scheduling.Tests.Jobs;

/// <summary>The tables of docs/jobs.md are what the machine does, row by row.</summary>
public sealed class TransitionTests
{
    [Theory]
    [InlineData("| Job |", "jobs")]
    [InlineData("| Task |", "tasks")]
    public void The_documented_tables_are_what_the_machine_does(string header, string table)
    {
        var rows = table == "jobs" ? TransitionTables.Jobs : TransitionTables.Tasks;
        Documented(header).ShouldBe(rows.Select(row => row.ToString()));
    }

    [Fact]
    public void Every_event_is_documented()
    {
        var tried = TransitionTables.Jobs.Concat(TransitionTables.Tasks).SelectMany(row => row.Events);
        typeof(JobEvent).GetNestedTypes().Except(tried.Select(happened => happened.GetType())).ShouldBeEmpty();
    }

    private static IEnumerable<string> Documented(string header) =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "jobs.md"))
            .SkipWhile(line => !line.StartsWith(header, StringComparison.Ordinal))
            .Skip(2)
            .TakeWhile(line => line.StartsWith('|'));
}
