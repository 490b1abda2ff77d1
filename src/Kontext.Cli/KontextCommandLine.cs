using System.CommandLine;
using System.CommandLine.Invocation;
using Kontext.Cli.Commands;
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
            if (parsed.Action is ParseErrorAction)
            {
                throw new KontextException(ErrorCode.Usage, parsed.Errors[0].Message);
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

    private static RootCommand Root(Terminal terminal)
    {
        var root = new RootCommand("FLUX.1 Kontext: text and images in, image out.")
        {
            EditCommand.Create(terminal),
            GenerateCommand.Create(terminal),
            ModelCommand.Create(terminal),
            BenchCommand.Create(terminal),
        };
        DocumentedCommand.ShowNotes(
            root,
            """
            Examples:
              kontext edit photo.png "make the background pink"
              kontext generate "a red circle at the top left on a white background"
              kontext model list

            Exit codes: 0 done, 1 internal fault, 2 wrong input, 3 model or device, 4 output, 130 stopped.
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
            _ => (ErrorCode.Internal, $"{error.GetType().Name}: {error.Message}"),
        };
        terminal.Error.WriteLine($"error {code}: {message.ReplaceLineEndings(" ")} {code.Advice}");
        if (terminal.Debug)
        {
            terminal.Error.WriteLine(error);
        }
        return code.ExitCode;
    }
}
