using System.CommandLine;
using Kontext.Contracts;
using Kontext.Flux.Bundles;

namespace Kontext.Cli.Commands;

/// <summary><c>kontext model</c>: what models there are, whether they are whole, and making new ones.</summary>
internal static class ModelCommand
{
    public static Command Create(Terminal terminal) =>
        new DocumentedCommand(
            "model",
            "List, inspect, verify, run and import models.",
            """
            Models live in the folder KONTEXT_MODELS names (default ~/.kontext/models) and in the program's own models folder.

            Examples:
              kontext model list
              kontext model verify kontext-tiny
              kontext model import --name mine --transformer flux.safetensors --autoencoder ae.safetensors --t5 t5/ --clip clip/
            """
        )
        {
            List(terminal),
            Show(terminal),
            Verify(terminal),
            ModelRunCommand.Create(terminal),
            ModelImportCommand.Create(terminal),
        };

    private static Command List(Terminal terminal)
    {
        var command = new DocumentedCommand(
            "list",
            "List all models, their state and where they are.",
            """
            States: ready makes pictures, partial lacks a part, damaged cannot be opened.

            Example:
              kontext model list
            """
        );
        command.SetAction(_ =>
        {
            foreach (var (name, folder) in terminal.Models.List())
            {
                terminal.Out.WriteLine($"{name, -24} {Condition(folder), -10} {folder}");
            }
        });
        return command;

        static string Condition(string folder)
        {
            try
            {
                return BundleFit.Problems(ModelBundle.Open(folder).Manifest).Count == 0 ? "ready" : "partial";
            }
            catch (KontextException)
            {
                return "damaged";
            }
        }
    }

    private static Command Show(Terminal terminal)
    {
        var name = NameArgument();
        var command = new DocumentedCommand(
            "show",
            "Show a model's parts, sizes, defaults and what it lacks.",
            """
            Example:
              kontext model show kontext-tiny
            """
        )
        {
            name,
        };
        command.SetAction(parsed =>
        {
            var bundle = terminal.Models.Open(parsed.GetRequiredValue(name));
            terminal.Out.WriteLine(bundle.Manifest.ToJson());
            foreach (var problem in BundleFit.Problems(bundle.Manifest))
            {
                terminal.Error.WriteLine($"note: {problem}");
            }
        });
        return command;
    }

    private static Command Verify(Terminal terminal)
    {
        var name = NameArgument();
        var command = new DocumentedCommand(
            "verify",
            "Compare every file of a model with its digest.",
            """
            Example:
              kontext model verify kontext-tiny
            """
        )
        {
            name,
        };
        command.SetAction(
            (parsed, cancellation) =>
            {
                var bundle = terminal.Models.Open(parsed.GetRequiredValue(name));
                bundle.Verify(file => terminal.Error.WriteLine($"ok {file}"), cancellation);
                terminal.Out.WriteLine($"{bundle.Manifest.Name} is whole: {bundle.Manifest.Digest}");
                return Task.FromResult(0);
            }
        );
        return command;
    }

    /// <summary>The argument that names a model.</summary>
    internal static Argument<string> NameArgument() =>
        new("MODEL") { Description = "Name of a model, or the path of its folder." };
}
