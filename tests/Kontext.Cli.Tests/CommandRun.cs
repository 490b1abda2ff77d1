using Kontext.Contracts;
using Kontext.Flux.Bundles;

namespace Kontext.Cli.Tests;

/// <summary>What a command wrote and how it ended.</summary>
internal sealed record CommandRun(int ExitCode, string Out, string Error)
{
    /// <summary>Runs a command in this process.</summary>
    public static CommandRun Of(ModelLibrary models, IReadOnlyList<string> arguments, bool watched = false)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var terminal = new Terminal(output, error, watched, models, Debug: false);
        // Commands are synchronous inside, so the task is done when it is returned.
        var exitCode = KontextCommandLine.RunAsync(arguments, terminal).GetAwaiter().GetResult();
        return new(exitCode, output.ToString(), error.ToString());
    }

    public CommandRun ShouldSucceed()
    {
        ExitCode.ShouldBe(0, Error);
        return this;
    }

    /// <summary>Expects one line of error that names the code, says these words and gives the code's advice.</summary>
    public void ShouldFailAs(ErrorCode code, string words)
    {
        var line = Error.ShouldHaveSingleLine();
        line.ShouldStartWith($"error {code}: ");
        line.ShouldContain(words);
        line.ShouldEndWith(code.Advice);
        ExitCode.ShouldBe(code.ExitCode);
        Out.ShouldBeEmpty();
    }
}

internal static class Lines
{
    /// <summary>Expects one line with its end, and no more.</summary>
    public static string ShouldHaveSingleLine(this string text)
    {
        text.ShouldEndWith("\n");
        var line = text[..^1];
        line.ShouldNotContain('\n');
        return line;
    }

    /// <summary>The code of a name, for tests whose data are constants.</summary>
    public static ErrorCode ToErrorCode(this string name) => ErrorCode.All.Single(code => code.Name == name);
}
