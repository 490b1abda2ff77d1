using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Kontext.Cli.Commands;
using Kontext.Cli.Simulation;
using Kontext.Cli.Tenants;
using Kontext.Contracts;

namespace Kontext.Cli;

/// <summary>The <c>kontext</c> command: parses, runs, and turns every failure into one line and an exit code.</summary>
internal static class KontextCommandLine
{
    /// <summary>Runs one command.</summary>
    /// <returns>0, or the exit code of the failure (see <see cref="ErrorCode"/>).</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, Terminal terminal)
    {
        try
        {
            // A prompt may begin with '@': it is not a file of arguments.
            var parsed = Root(terminal).Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
            if (Misunderstanding(parsed) is { } misunderstanding)
            {
                throw new KontextException(ErrorCode.Usage, misunderstanding);
            }
            var configuration = new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                Output = terminal.Out,
                Error = terminal.Error,
                // A step of a large model takes seconds and ends before the command does.
                ProcessTerminationTimeout = TimeSpan.FromMinutes(1),
            };
            return await parsed.InvokeAsync(configuration);
        }
        catch (Exception error)
        {
            return Report(error, terminal);
        }
    }

    /// <summary>What is wrong with a command line as far as its grammar tells, or null.</summary>
    private static string? Misunderstanding(ParseResult parsed)
    {
        if (parsed.Action is ParseErrorAction)
        {
            // A misspelt command is also a missing one; the word that was not understood says more.
            return parsed.UnmatchedTokens is [var unknown, ..]
                ? $"'{unknown}' is not a command, option or argument here."
                : parsed.Errors[0].Message;
        }
        // A misspelt option would pass for a prompt.
        var looksLikeOption = parsed
            .CommandResult.Children.OfType<ArgumentResult>()
            .SelectMany(argument => argument.Tokens)
            .Select(token => token.Value)
            .FirstOrDefault(value => value.StartsWith('-') && !value.Any(char.IsWhiteSpace));
        return looksLikeOption is null || parsed.Tokens.Any(token => token.Type == TokenType.DoubleDash)
            ? null
            : $"There is no option '{looksLikeOption}'. If it is meant as text, write -- before it.";
    }

    private static RootCommand Root(Terminal terminal)
    {
        var root = new RootCommand("FLUX.1 Kontext: text and images in, image out.")
        {
            EditCommand.Create(terminal),
            GenerateCommand.Create(terminal),
            ServeCommand.Create(terminal),
            HealthCommand.Create(terminal),
            DoctorCommand.Create(terminal),
            TopCommand.Create(terminal),
            ModelCommand.Create(terminal),
            TenantCommand.Create(terminal),
            BenchCommand.Create(terminal),
            SimulateCommand.Create(terminal),
        };
        DocumentedCommand.ShowNotes(
            root,
            """
            Examples:
              kontext edit photo.png "make the background pink"
              kontext generate "a red circle at the top left on a white background"
              kontext serve
              kontext doctor
              kontext top
              kontext model list

            Exit codes: 0 done, 1 internal fault, 2 wrong input, 3 model or device, 4 output, 5 service, 130 stopped.
            """
        );
        return root;
    }

    private static int Report(Exception error, Terminal terminal)
    {
        var (code, message) = error switch
        {
            KontextException known => (known.Code, known.Message),
            OperationCanceledException => (ErrorCode.Cancelled, "Stopped."),
            OutOfMemoryException => (ErrorCode.OutOfMemory, "There is not enough memory."),
            // Files have names in their failures; what is left is the output of results itself.
            IOException => (ErrorCode.OutputUnwritable, $"The results cannot be written: {error.Message}."),
            _ => (ErrorCode.Internal, $"{error.GetType().Name}: {error.Message}"),
        };
        terminal.Error.WriteLine($"error {code}: {OneLine(message)} {code.Advice}");
        if (terminal.Debug)
        {
            terminal.Error.WriteLine(error);
        }
        return code.ExitCode;
    }

    /// <summary>Messages repeat what users and files say, which may be long or hold codes that move the cursor.</summary>
    internal static string OneLine(string message)
    {
        const int Longest = 1000;
        message = message.ReplaceLineEndings(" ");
        var shown = message.Length <= Longest ? message : $"{message.AsSpan(0, Longest)}…";
        return string.Concat(shown.Select(character => char.IsControl(character) ? ' ' : character));
    }
}
