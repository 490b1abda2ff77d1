using System.Reflection;
using System.Text.RegularExpressions;
using Kontext.Contracts.Jobs;

namespace Kontext.Contracts.Tests;

public sealed partial class ErrorCodeTests
{
    private static readonly PropertyInfo[] Members =
    [
        .. typeof(ErrorCode)
            .GetProperties(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static)
            .Where(property => property.PropertyType == typeof(ErrorCode)),
    ];

    [Fact]
    public void The_set_is_closed()
    {
        ErrorCode.All.Length.ShouldBe(Members.Length);
        ErrorCode.All.ShouldAllBe(code => Members.Any(member => ReferenceEquals(member.GetValue(null), code)));
        // Nobody can make another, or change one.
        typeof(ErrorCode).GetConstructors().ShouldBeEmpty();
        typeof(ErrorCode).IsSealed.ShouldBeTrue();
        typeof(ErrorCode).GetProperties().ShouldAllBe(property => property.SetMethod == null);
    }

    [Fact]
    public void Names_are_those_of_the_members_in_snake_case()
    {
        foreach (var member in Members)
        {
            var snake = Capital().Replace(member.Name, "_$0").TrimStart('_').ToLowerInvariant();
            var code = (ErrorCode)member.GetValue(null)!;
            code.Name.ShouldBe(snake);
            code.ToString().ShouldBe(snake);
        }
        ErrorCode.All.Select(code => code.Name).ShouldBeUnique();
    }

    [Fact]
    public void Exit_codes_are_the_documented_ones_and_say_whose_fault_it_is()
    {
        ErrorCode.All.Select(code => code.ExitCode).Distinct().Order().ShouldBe([1, 2, 3, 4, 5, 130]);
        ErrorCode.All.Where(code => code.ExitCode == 1).ShouldBe([ErrorCode.Internal]);
        ErrorCode.All.Where(code => code.ExitCode == 130).ShouldBe([ErrorCode.Cancelled]);
        ErrorCode.All.Where(code => code.ExitCode == 4).ShouldBe([ErrorCode.OutputUnwritable]);
        ErrorCode.All.Where(code => code.ExitCode == 3).ShouldContain(ErrorCode.ModelNotFound);
        ErrorCode
            .All.Where(code => code.ExitCode == 5)
            .ShouldBe(
                [
                    ErrorCode.TooManyJobs,
                    ErrorCode.ServiceUnavailable,
                    ErrorCode.WorkerDied,
                    ErrorCode.DeadlineExceeded,
                    ErrorCode.StillRunning,
                    ErrorCode.ConfigurationInvalid,
                ],
                ignoreOrder: true
            );
    }

    [Fact]
    public void Statuses_are_failures_and_the_callers_own_are_below_500()
    {
        ErrorCode.All.ShouldAllBe(code => code.HttpStatus >= 400 && code.HttpStatus <= 599);
        ErrorCode.All.Where(code => code.ExitCode == 2).ShouldAllBe(code => code.HttpStatus < 500);
        ErrorCode.Internal.HttpStatus.ShouldBe(500);
    }

    [Fact]
    public void Meaning_and_advice_are_one_sentence_each()
    {
        foreach (var code in ErrorCode.All)
        {
            foreach (var text in (string[])[code.Meaning, code.Advice])
            {
                Sentence().IsMatch(text).ShouldBeTrue($"{code}: {text}");
            }
        }
    }

    [Fact]
    public void A_code_is_found_by_its_name_and_by_no_other()
    {
        ErrorCode.All.ShouldAllBe(code => ErrorCode.Find(code.Name) == code);
        ErrorCode.Find("").ShouldBeNull();
        ErrorCode.Find("Internal").ShouldBeNull();
        ErrorCode.Find("of_tomorrow").ShouldBeNull();
    }

    [Fact]
    public void A_fault_says_its_code_and_one_of_tomorrow_counts_as_internal()
    {
        var fault = JobFault.Of(new(ErrorCode.DeviceFailed, "The device 'cuda:0' failed."));
        fault.ShouldBe(new JobFault("device_failed", "The device 'cuda:0' failed."));
        fault.Kind.ShouldBe(ErrorCode.DeviceFailed);
        new JobFault("of_tomorrow", "It failed.").Kind.ShouldBe(ErrorCode.Internal);
    }

    [Fact]
    public void A_failure_carries_its_code_message_and_cause()
    {
        var cause = new InvalidOperationException("cause");
        var failure = new KontextException(ErrorCode.ModelCorrupt, "The file 'x' is damaged.", cause);
        failure.Code.ShouldBe(ErrorCode.ModelCorrupt);
        failure.Message.ShouldBe("The file 'x' is damaged.");
        failure.InnerException.ShouldBe(cause);
    }

    [GeneratedRegex("[A-Z]")]
    private static partial Regex Capital();

    /// <summary>A capital, no end of a sentence within, one full stop at the end.</summary>
    [GeneratedRegex(@"\A[A-Z](?:(?![.!?]\s)[^\n])*[^.\s]\.\z")]
    private static partial Regex Sentence();
}
