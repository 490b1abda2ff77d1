using System.CommandLine;
using Kontext.Flux.Bundles;

namespace Kontext.Cli.Commands;

/// <summary><c>kontext model import</c>: a model from published weights.</summary>
internal static class ModelImportCommand
{
    public static Command Create(Terminal terminal)
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
}
