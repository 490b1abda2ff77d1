using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Kontext.Cli;

/// <summary>A command whose own help ends with more than a one-line description: notes and examples.</summary>
internal sealed class DocumentedCommand(string name, string description, string notes) : Command(name, description)
{
    /// <summary>Notes and examples, shown by this command's --help only.</summary>
    public string Notes => notes;

    /// <summary>Makes --help of all commands show their notes.</summary>
    public static void ShowNotes(RootCommand root, string rootNotes)
    {
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithNotes((HelpAction)help.Action!, rootNotes);
    }

    private sealed class HelpWithNotes(HelpAction help, string rootNotes) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            var exitCode = help.Invoke(parseResult);
            var command = parseResult.CommandResult.Command;
            var text =
                command is DocumentedCommand documented ? documented.Notes
                : command is RootCommand ? rootNotes
                : "";
            parseResult.InvocationConfiguration.Output.WriteLine(text);
            return exitCode;
        }
    }
}
