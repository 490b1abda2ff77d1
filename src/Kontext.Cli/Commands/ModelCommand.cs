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
            ModelShowCommand.Create(terminal),
            ModelVerifyCommand.Create(terminal),
            ModelRunCommand.Create(terminal),
            ModelImportCommand.Create(terminal),
            ModelFitPreviewCommand.Create(terminal),
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

    /// <summary>The argument that names a model.</summary>
    internal static Argument<string> NameArgument() =>
        new("MODEL") { Description = "Name of a model, or the path of its folder." };
}
