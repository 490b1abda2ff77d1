using Kontext.Contracts;
using Kontext.Scheduling.Jobs;

namespace Kontext.Scheduling.Tests.Jobs;

public sealed class RetryPolicyTests
{
    [Fact]
    public void Every_code_has_a_class() => RetryPolicy.Classes.Keys.ShouldBe(ErrorCode.All, ignoreOrder: true);

    [Fact]
    public void What_is_the_requests_own_fault_is_never_tried_again() =>
        ErrorCode.All.Where(code => code.ExitCode == 2).ShouldAllBe(code => RetryPolicy.Of(code) == RetryClass.Never);

    [Fact]
    public void The_documented_table_of_classes_is_the_code()
    {
        var rows = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "jobs.md"))
            .Where(line => Enum.TryParse<RetryClass>(line.Split('|').ElementAtOrDefault(1)?.Trim(), true, out _))
            .ToArray();
        rows.Length.ShouldBe(Enum.GetValues<RetryClass>().Length);
        foreach (var line in rows)
        {
            var cells = line.Split('|');
            var documented = Enum.Parse<RetryClass>(cells[1].Trim(), ignoreCase: true);
            // Every second piece is within backticks.
            var named = cells[2].Split('`').Where((_, i) => i % 2 == 1).Select(name => ErrorCode.Find(name)!).ToArray();
            named.ShouldNotBeEmpty();
            named
                .Concat(ErrorCode.All.Where(code => documented == RetryClass.Never && code.ExitCode == 2))
                .ShouldBe(ErrorCode.All.Where(code => RetryPolicy.Of(code) == documented), ignoreOrder: true);
        }
    }

    [Fact]
    public void Pauses_double_up_to_the_longest() =>
        Enumerable
            .Range(0, 8)
            .Append(int.MaxValue)
            .Append(int.MinValue)
            .Select(failures => JobPolicy.Backoff(failures).TotalSeconds)
            .ShouldBe([1, 1, 2, 4, 8, 16, 30, 30, 30, 1]);
}
