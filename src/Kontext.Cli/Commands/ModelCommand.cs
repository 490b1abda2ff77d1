using System.CommandLine;
using Kontext.Contracts;
using Kontext.Flux.Bundles;
using Kontext.Flux.Tensors;
using Kontext.Flux.Weights;

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
            Run(terminal),
            Import(terminal),
        };

    private static Command List(Terminal terminal)
    {
        var command = new Command("list", "List all models and where they are.");
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
        var command = new Command("show", "Show a model's parts, sizes, defaults and what it lacks.") { name };
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
        var command = new Command("verify", "Compare every file of a model with its digest.") { name };
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

    private static Command Run(Terminal terminal)
    {
        var name = NameArgument();
        var graph = new Argument<string>("GRAPH")
        {
            Description = "t5, clip, context-encoder, decoder or transformer.",
        };
        var inputs = new Option<string>("--inputs")
        {
            Description = "Safetensors file with the graph's inputs.",
            HelpName = "PATH",
            Required = true,
        };
        var output = new Option<string>("--output")
        {
            Description = "Safetensors file to write.",
            HelpName = "PATH",
            Required = true,
        };
        var device = new DeviceArguments();
        var graphs = string.Join("\n", GraphRunner.Graphs.Select(line => $"  {line}"));
        var command = new DocumentedCommand(
            "run",
            "Run one graph of a model on given tensors, to port or check a model.",
            $"""
            Graphs:
            {graphs}

            Example:
              kontext model run kontext-tiny decoder --inputs latents.safetensors --output image.safetensors
            """
        )
        {
            name,
            graph,
            inputs,
            output,
        };
        device.AddTo(command);
        command.SetAction(parsed =>
        {
            var bundle = terminal.Models.Open(parsed.GetRequiredValue(name));
            var given = ReadTensors(parsed.GetRequiredValue(inputs));
            var made = GraphRunner.Run(bundle, parsed.GetRequiredValue(graph), given, device.Read(parsed));
            var target = parsed.GetRequiredValue(output);
            SafetensorsWriter.WriteFile(target, made);
            foreach (var (tensor, value) in made)
            {
                terminal.Out.WriteLine($"{tensor} {value} -> {target}");
            }
        });
        return command;
    }

    private static Command Import(Terminal terminal)
    {
        var name = new Option<string>("--name")
        {
            Description = "Name of the new model.",
            HelpName = "NAME",
            Required = true,
        };
        var transformer = Options.Text("--transformer", "FILE", "Safetensors of the transformer, BFL's names.");
        var autoencoder = Options.Text("--autoencoder", "FILE", "Safetensors of the autoencoder, BFL's names.");
        var t5 = Options.Text(
            "--t5",
            "DIR",
            "Folder: model.safetensors, config.json, spiece.model, tokenizer_config.json."
        );
        var clip = Options.Text("--clip", "DIR", "Folder: model.safetensors, config.json, vocab.json, merges.txt.");
        var config = Options.Text(
            "--config",
            "JSON",
            "What the files do not tell: JSON text or the path of a JSON file."
        );
        var force = Options.Switch("--force", "Replace a model of the same name.");
        var command = new DocumentedCommand(
            "import",
            "Make a model from published weights. Weights are linked, not copied, where the disk allows it.",
            """
            Any subset of the parts makes a partial model, good for 'kontext model run'.

            Example:
              kontext model import --name mine --transformer flux.safetensors --autoencoder ae.safetensors \
                --t5 t5/ --clip clip/ --config '{"sampling": {"steps": 8, "noise": "float32"}}'
            """
        )
        {
            name,
            transformer,
            autoencoder,
            t5,
            clip,
            config,
            force,
        };
        command.SetAction(parsed =>
        {
            var sources = new ImportSources
            {
                Name = parsed.GetRequiredValue(name),
                Transformer = parsed.GetValue(transformer),
                Autoencoder = parsed.GetValue(autoencoder),
                T5 = parsed.GetValue(t5),
                Clip = parsed.GetValue(clip),
                Config = parsed.GetValue(config),
                Replace = parsed.GetValue(force),
            };
            var bundle = BundleImporter.Import(sources, terminal.Models.UserFolder);
            terminal.Out.WriteLine($"{bundle.Manifest.Name} is in {bundle.Folder}");
            foreach (var problem in BundleFit.Problems(bundle.Manifest))
            {
                terminal.Error.WriteLine($"note: {problem}");
            }
        });
        return command;
    }

    private static Argument<string> NameArgument() =>
        new("MODEL") { Description = "Name of a model, or the path of its folder." };

    private static Dictionary<string, HostTensor> ReadTensors(string path)
    {
        using var file = SafetensorsFile.Open(path, ErrorCode.InputInvalid);
        return file.Tensors.Keys.ToDictionary(tensor => tensor, file.Read);
    }
}
