using System.CommandLine;
using Kontext.Contracts;
using Kontext.Flux.Bundles;
using Kontext.Flux.Weights;

namespace Kontext.Cli.Commands;

/// <summary><c>kontext model import</c>: a model from published weights.</summary>
internal static class ModelImportCommand
{
    public static Command Create(Terminal terminal)
    {
        var snapshot = new Argument<string?>("SNAPSHOT")
        {
            Description = "A downloaded model: its folder, or a transformer's safetensors file.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var name = new Option<string>("--name")
        {
            Description = "Name of the new model.",
            HelpName = "NAME",
            Required = true,
        };
        var transformer = Options.Text(
            "--transformer",
            "PATH",
            "The transformer: a safetensors file or a folder of shards."
        );
        var autoencoder = Options.Text("--autoencoder", "PATH", "The autoencoder: a safetensors file or its folder.");
        var t5 = Options.Text("--t5", "DIR", "T5: weights, config.json, spiece.model, tokenizer_config.json.");
        var clip = Options.Text("--clip", "DIR", "CLIP: weights, config.json, vocab.json, merges.txt.");
        var config = Options.Text(
            "--config",
            "JSON",
            "What the files do not tell: JSON text or the path of a JSON file."
        );
        var weights = Options.Text(
            "--weights",
            "HOW",
            "Storage of the transformer's matrices: as-published, or int8 for about half of bf16's memory. "
                + "Default: as-published.",
            ParseWeights
        );
        var accept = Options.Switch("--accept-license", "Accept the licence that lies with the snapshot.");
        var force = Options.Switch("--force", "Replace a model of the same name.");
        var command = new DocumentedCommand(
            "import",
            "Make a model from published weights. Weights are linked, not copied, where the disk allows it.",
            """
            A snapshot is a folder in diffusers' layout (transformer, vae, text_encoder, text_encoder_2 and their tokenizers), Black
            Forest Labs' single files (flux*.safetensors, ae.safetensors), or both. Tensors may have either publisher's names. Options
            name parts that lie elsewhere. Any subset of the parts makes a partial model, good for 'kontext model run'.

            Examples:
              kontext model import ~/FLUX.1-Kontext-dev --name flux-kontext-dev --accept-license
              kontext model import ~/FLUX.1-Kontext-dev --name flux-kontext-dev-int8 --weights int8 --accept-license
              kontext model import --name mine --transformer flux.safetensors --autoencoder ae.safetensors \
                --t5 t5/ --clip clip/ --config '{"sampling": {"steps": 8, "noise": "float32"}}'
            """
        )
        {
            snapshot,
            name,
            transformer,
            autoencoder,
            t5,
            clip,
            config,
            weights,
            accept,
            force,
        };
        command.SetAction(
            (parsed, cancellation) =>
            {
                var found = parsed.GetValue(snapshot) is { } path ? Snapshot.Open(path) : null;
                if (found?.LicenceFile is { } licence && !parsed.GetValue(accept))
                {
                    throw new KontextException(ErrorCode.LicenceNotAccepted, $"'{licence}' says: {Title(licence)}");
                }
                var sources = new ImportSources
                {
                    Name = parsed.GetRequiredValue(name),
                    Transformer = parsed.GetValue(transformer) ?? found?.Transformer,
                    Autoencoder = parsed.GetValue(autoencoder) ?? found?.Autoencoder,
                    T5 = parsed.GetValue(t5) ?? found?.T5,
                    T5Tokenizer = parsed.GetValue(t5) is null ? found?.T5Tokenizer : null,
                    Clip = parsed.GetValue(clip) ?? found?.Clip,
                    ClipTokenizer = parsed.GetValue(clip) is null ? found?.ClipTokenizer : null,
                    LicenceFile = found?.LicenceFile,
                    Config = parsed.GetValue(config),
                    Weights = parsed.GetValue(weights) ?? WeightStorage.AsPublished,
                    Replace = parsed.GetValue(force),
                };
                using var progress = new ProgressLine(terminal, "MB");
                var bundle = BundleImporter.Import(
                    sources,
                    terminal.Models.UserFolder,
                    progress,
                    Copying(terminal),
                    cancellation
                );
                progress.Clear();
                terminal.Out.WriteLine($"{bundle.Manifest.Name} is in {bundle.Folder}");
                foreach (var problem in BundleFit.Problems(bundle.Manifest))
                {
                    terminal.Error.WriteLine($"note: {problem}");
                }
                return Task.FromResult(0);
            }
        );
        return command;
    }

    private static WeightStorage ParseWeights(string text) =>
        text switch
        {
            "as-published" => WeightStorage.AsPublished,
            "int8" => WeightStorage.Int8,
            _ => throw new KontextException(ErrorCode.Usage, $"--weights takes as-published or int8, not '{text}'."),
        };

    /// <summary>Says that a file is copied, and every tenth of it while somebody watches.</summary>
    internal static Action<CopyProgress> Copying(Terminal terminal)
    {
        const int Parts = 10;
        var shown = 0L;
        return progress =>
        {
            if (progress.Copied == 0)
            {
                shown = 0;
                terminal.Error.WriteLine(
                    $"note: '{progress.File}' cannot be linked into {terminal.Models.UserFolder}, which may be another file "
                        + $"system: {ModelSummary.Size(progress.Bytes)} are copied."
                );
                return;
            }
            var part = Parts * progress.Copied / progress.Bytes;
            if (terminal.ShowsProgress && part > shown)
            {
                shown = part;
                terminal.Error.WriteLine($"copied {part * 100 / Parts} % of '{progress.File}'");
            }
        };
    }

    /// <summary>The first line of a licence that holds words.</summary>
    private static string Title(string licence)
    {
        try
        {
            const int Longest = 200;
            var line = File.ReadLines(licence)
                .Select(text => text.Trim(' ', '#', '*', '\t'))
                .FirstOrDefault(text => text.Length > 0);
            return line is null ? "(nothing)" : $"{line[..Math.Min(line.Length, Longest)].TrimEnd('.')}.";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KontextException(ErrorCode.FileNotFound, $"'{licence}' cannot be read: {error.Message}", error);
        }
    }
}
