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
            Description = "A downloaded model: its folder, or a transformer's file.",
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
            "The transformer: a safetensors file, a folder of shards, or an exported graph."
        );
        var autoencoder = Options.Text("--autoencoder", "PATH", "The autoencoder: a safetensors file or its folder.");
        var encoder = Options.Text("--context-encoder", "PATH", "The autoencoder's encoder, as an exported graph.");
        var decoder = Options.Text("--decoder", "PATH", "The autoencoder's decoder, as an exported graph.");
        var t5 = Options.Text("--t5", "DIR", "T5: weights, config.json, spiece.model, tokenizer_config.json.");
        var clip = Options.Text("--clip", "DIR", "CLIP: weights, config.json, vocab.json, merges.txt.");
        var tokenizers = Options.Text(
            "--tokenizers",
            "DIR",
            "Where the tokenizers are, if not with their encoders: a snapshot, or a folder of their files."
        );
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
        var inPlace = Options.Switch(
            "--in-place",
            "Keep the model in SNAPSHOT's own folder, with the weights as they lie there."
        );
        var accept = Options.Switch("--accept-license", "Accept the licence that lies with the snapshot.");
        var force = Options.Switch("--force", "Replace a model of the same name.");
        var command = new DocumentedCommand(
            "import",
            "Make a model from published weights. Weights are linked, not copied, where the disk allows it.",
            """
            A snapshot is a folder in diffusers' layout (transformer, vae, text_encoder, text_encoder_2 and their tokenizers), Black
            Forest Labs' single files (flux*.safetensors, ae.safetensors), or both. Tensors may have either publisher's names. Or it
            holds ONNX graphs as Black Forest Labs publishes them (transformer.opt and others) or optimum exports them. Options
            name parts that lie elsewhere. Any subset of the parts makes a partial model, good for 'kontext model run'.

            Examples:
              kontext model import ~/FLUX.1-Kontext-dev --name flux-kontext-dev --accept-license
              kontext model import ~/FLUX.1-Kontext-dev --name flux-kontext-dev-int8 --weights int8 --accept-license
              kontext model import /mnt/FLUX.1-Kontext-dev --name flux-kontext-dev --in-place --accept-license
              kontext model import ~/FLUX.1-Kontext-dev-onnx --tokenizers ~/FLUX.1-Kontext-dev --name flux-kontext-dev-onnx
              kontext model import --name mine --transformer flux.safetensors --autoencoder ae.safetensors \
                --t5 t5/ --clip clip/ --config '{"sampling": {"steps": 8, "noise": "float32"}}'
            """
        )
        {
            snapshot,
            name,
            transformer,
            autoencoder,
            encoder,
            decoder,
            t5,
            clip,
            tokenizers,
            config,
            weights,
            inPlace,
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
                var (codec, halfIn, halfOut) = (
                    parsed.GetValue(autoencoder),
                    parsed.GetValue(encoder),
                    parsed.GetValue(decoder)
                );
                (string T5, string Clip)? apart = parsed.GetValue(tokenizers) is { } folder
                    ? Snapshot.Tokenizers(folder)
                    : null;
                var sources = new ImportSources
                {
                    Name = parsed.GetRequiredValue(name),
                    Transformer = parsed.GetValue(transformer) ?? found?.Transformer,
                    Autoencoder = codec ?? (halfIn is null && halfOut is null ? found?.Autoencoder : null),
                    ContextEncoder = halfIn ?? (codec is null ? found?.ContextEncoder : null),
                    Decoder = halfOut ?? (codec is null ? found?.Decoder : null),
                    T5 = parsed.GetValue(t5) ?? found?.T5,
                    T5Tokenizer = apart?.T5 ?? (parsed.GetValue(t5) is null ? found?.T5Tokenizer : null),
                    Clip = parsed.GetValue(clip) ?? found?.Clip,
                    ClipTokenizer = apart?.Clip ?? (parsed.GetValue(clip) is null ? found?.ClipTokenizer : null),
                    InPlace = parsed.GetValue(inPlace) ? FolderOf(parsed.GetValue(snapshot)) : null,
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

    /// <summary>The folder that is to hold the model together with its weights.</summary>
    private static string FolderOf(string? snapshot) =>
        snapshot is null
            ? throw new KontextException(
                ErrorCode.Usage,
                "--in-place keeps the model in SNAPSHOT's folder: give SNAPSHOT."
            )
        : File.Exists(snapshot) ? Path.GetDirectoryName(Path.GetFullPath(snapshot))!
        : snapshot;

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
                        + $"system: {ModelSummary.Size(progress.Bytes)} are copied. --in-place would leave them where they are."
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
