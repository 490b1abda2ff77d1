using System.CommandLine;
using Kontext.Flux.Bundles;

namespace Kontext.Cli.Commands;

/// <summary><c>kontext model show</c>: what a model is, and what it needs.</summary>
internal static class ModelShowCommand
{
    public static Command Create(Terminal terminal)
    {
        var name = ModelCommand.NameArgument();
        var json = Options.Switch("--json", "Print the manifest as JSON.");
        var command = new DocumentedCommand(
            "show",
            "Show a model's parts, the memory it needs, its defaults and what it lacks.",
            """
            Memory is that of one sample at the default size with one context image: weights exactly, activations estimated. A GPU
            fits if a tenth of its memory is left. In the command's own process all stages are loaded together; in a cluster a
            worker may hold one of them.

            Examples:
              kontext model show kontext-tiny
              kontext model show kontext-tiny --json
            """
        )
        {
            name,
            json,
        };
        command.SetAction(parsed =>
        {
            var bundle = terminal.Models.Open(parsed.GetRequiredValue(name));
            if (parsed.GetValue(json))
            {
                terminal.Out.WriteLine(bundle.Manifest.ToJson());
            }
            else
            {
                ModelSummary.Write(bundle, terminal.Out);
            }
            foreach (var problem in BundleFit.Problems(bundle.Manifest))
            {
                terminal.Error.WriteLine($"note: {problem}");
            }
        });
        return command;
    }
}
