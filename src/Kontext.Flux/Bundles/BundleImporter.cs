using System.Text.RegularExpressions;
using Kontext.Contracts;
using Kontext.Flux.Graphs;
using Kontext.Flux.Onnx;
using Kontext.Flux.Weights;

namespace Kontext.Flux.Bundles;

/// <summary>
/// Makes a bundle from published weights: links the safetensors files into a new folder and writes graphs over them, or
/// describes graphs that were exported. The bundle appears under its name only when it is whole.
/// </summary>
public sealed partial class BundleImporter
{
    private readonly ImportSources _sources;
    private readonly ImportConfig _config;
    private readonly BundleDraft _draft;
    private readonly ExportImport _exports;
    private readonly IProgress<WorkProgress>? _progress;
    private readonly CancellationToken _cancellation;
    private TokenizerRecord _tokenizers = new();

    private BundleImporter(
        ImportSources sources,
        BundleDraft draft,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellation
    )
    {
        _sources = sources;
        _config = ImportConfig.Parse(sources.Config);
        _draft = draft;
        _exports = new(draft, _config);
        _progress = progress;
        _cancellation = cancellation;
    }

    /// <summary>Imports into <paramref name="parent"/> and opens the new bundle.</summary>
    /// <param name="sources">What to import.</param>
    /// <param name="parent">The folder that receives the bundle.</param>
    /// <param name="progress">Told how many megabytes of weights have been quantised, of all, where they are.</param>
    /// <param name="onCopy">Told of weights that are copied because they cannot be linked: copies of gigabytes take time.</param>
    /// <param name="cancellationToken">Stops the quantising of weights; nothing stays behind.</param>
    /// <exception cref="KontextException">
    /// A source is missing or not what it should be, the model exists already, or the folder cannot be written.
    /// </exception>
    public static ModelBundle Import(
        ImportSources sources,
        string parent,
        IProgress<WorkProgress>? progress = null,
        Action<CopyProgress>? onCopy = null,
        CancellationToken cancellationToken = default
    )
    {
        if (!NamePattern().IsMatch(sources.Name))
        {
            throw new KontextException(
                ErrorCode.InputInvalid,
                $"'{sources.Name}' cannot name a model: use up to 64 lower-case letters, digits, '.', '_' and '-'."
            );
        }
        CheckParts(sources);
        var target = Path.Combine(parent, sources.Name);
        if (NamedPlace.IsTaken(target) && !sources.Replace)
        {
            throw new KontextException(ErrorCode.ModelExists, $"'{target}' exists already.");
        }
        if (NamedPlace.HoldsWhatIsNotOurs(target))
        {
            throw new KontextException(
                ErrorCode.ModelExists,
                $"'{target}' holds files that no import made, and is not replaced: move it."
            );
        }
        try
        {
            Directory.CreateDirectory(parent);
            using BundleDraft draft = sources.InPlace is { } snapshot
                ? InPlaceDraft.Begin(snapshot, target, sources.Replace)
                : new LinkedDraft(target, onCopy);
            new BundleImporter(sources, draft, progress, cancellationToken).Write();
            return ModelBundle.Open(target);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KontextException(
                ErrorCode.OutputUnwritable,
                $"The bundle cannot be written to '{sources.InPlace ?? target}': {error.Message}",
                error
            );
        }
    }

    private static void CheckParts(ImportSources sources)
    {
        var (encoder, decoder) = (sources.ContextEncoder, sources.Decoder);
        if (
            sources is
            { Transformer: null, Autoencoder: null, ContextEncoder: null, Decoder: null, T5: null, Clip: null }
        )
        {
            throw new KontextException(
                ErrorCode.Usage,
                "There is nothing to import: give --transformer, --autoencoder, --t5 or --clip."
            );
        }
        if (sources.Autoencoder is not null && (encoder ?? decoder) is not null)
        {
            throw new KontextException(
                ErrorCode.Usage,
                "--autoencoder names the whole of which --context-encoder and --decoder name the halves: give one or the others."
            );
        }
        if (encoder is null != decoder is null)
        {
            throw new KontextException(
                ErrorCode.InputInvalid,
                $"'{encoder ?? decoder}' is one half of an exported autoencoder, and the other is missing: "
                    + "--context-encoder and --decoder belong together."
            );
        }
        if (sources is { InPlace: not null, Weights: not WeightStorage.AsPublished })
        {
            throw new KontextException(
                ErrorCode.Usage,
                "--weights int8 makes weights of its own, which --in-place is there to do without: leave one of them out."
            );
        }
    }

    private void Write()
    {
        var manifest = new ModelManifest
        {
            Format = ModelManifest.CurrentFormat,
            Name = _sources.Name,
            Licence = _config.Licence,
            Sampling = _config.Sampling(),
            Transformer = _sources.Transformer is { } transformer ? ImportTransformer(transformer) : null,
            Autoencoder = ImportAutoencoder(),
            T5 = _sources.T5 is { } t5 ? ImportT5(t5) : null,
            Clip = _sources.Clip is { } clip ? ImportClip(clip) : null,
            Files = new SortedDictionary<string, FileDigest>(StringComparer.Ordinal),
        };
        manifest = manifest with
        {
            Graphs = _exports.Graphs,
            InPlace = _sources.InPlace is not null,
            Preview = _config.Preview() ?? PreviewProjection.Known(manifest.Autoencoder),
        };
        if (ManifestCheck.Fault(manifest) is { } fault)
        {
            throw new KontextException(ErrorCode.InputInvalid, $"The weights and settings make no model: {fault}");
        }
        if (_sources.LicenceFile is { } licence)
        {
            _draft.AddLicence(licence);
        }
        _tokenizers.Write(_draft.Folder);
        _draft.Finish(manifest);
    }

    private TransformerConfig ImportTransformer(string path)
    {
        var source = PartSource.Find(path);
        if (source.Export is { } export)
        {
            return _sources.Weights == WeightStorage.AsPublished
                ? _exports.Transformer(export, source)
                : throw new KontextException(
                    ErrorCode.InputInvalid,
                    $"'{export}' is an exported graph, whose weights stay as they are: --weights int8 takes safetensors files."
                );
        }
        if (_sources.Weights == WeightStorage.AsPublished)
        {
            using var weights = _draft.AddWeights(source, "transformer");
            TransformerLayout.Apply(weights);
            return WriteTransformer(Describe(weights), weights);
        }
        using var published = WeightMap.Open(source.Weights);
        TransformerLayout.Apply(published);
        var config = Describe(published);
        // What is wrong with a source is found, and under its own name, before the work of minutes.
        TransformerGraphs.BuildPrepare(config, published, Precision.Float32);
        TransformerGraphs.BuildStep(config, published, Precision.Float32);
        if (
            config.Weights == WeightStorage.AsPublished
            && !published.Names.Any(name => Int8Weights.CanQuantise(published.Locate(name).Entry))
        )
        {
            throw new KontextException(
                ErrorCode.InputInvalid,
                $"{published.Files} has no matrix that --weights int8 could make smaller: floating-point numbers in rows "
                    + $"of a multiple of {Int8Block.Size}."
            );
        }
        using var quantised = QuantiseTransformer(published);
        return WriteTransformer(config with { Weights = WeightStorage.Int8 }, quantised);

        TransformerConfig Describe(WeightMap weights) =>
            TransformerConfig.Infer(weights, _config.Hints("transformer", weights, source.Configs));
    }

    private TransformerConfig WriteTransformer(TransformerConfig config, WeightMap weights)
    {
        _draft.WriteGraph(
            GraphKind.TransformerPrepare,
            precision => TransformerGraphs.BuildPrepare(config, weights, precision)
        );
        _draft.WriteGraph(GraphKind.Transformer, precision => TransformerGraphs.BuildStep(config, weights, precision));
        return config;
    }

    private WeightMap QuantiseTransformer(WeightMap published)
    {
        var file = Path.Combine(_draft.Folder, "transformer.int8.safetensors");
        Int8Weights.Write(published, file, _progress, _cancellation);
        return WeightMap.Open(file);
    }

    private AutoencoderConfig? ImportAutoencoder()
    {
        if (_sources.Autoencoder is not { } path)
        {
            return _sources is { ContextEncoder: { } encoder, Decoder: { } decoder }
                ? _exports.Autoencoder(PartSource.Find(encoder), PartSource.Find(decoder))
                : null;
        }
        var source = PartSource.Find(path);
        if (source.Export is { } export)
        {
            throw new KontextException(
                ErrorCode.InputInvalid,
                $"'{export}' is an exported graph, of which an autoencoder has two: name them with --context-encoder and --decoder."
            );
        }
        using var weights = _draft.AddWeights(source, "autoencoder");
        AutoencoderLayout.Apply(weights);
        var config = AutoencoderConfig.Infer(weights, _config.Hints("autoencoder", weights, source.Configs));
        _draft.WriteGraph(GraphKind.ContextEncoder, _ => AutoencoderGraphs.BuildEncoder(config, weights));
        _draft.WriteGraph(GraphKind.Decoder, _ => AutoencoderGraphs.BuildDecoder(config, weights));
        return config;
    }

    private T5Config ImportT5(string path)
    {
        var source = PartSource.Find(path, _sources.T5Tokenizer);
        if (CopyTokenizer(source, "spiece.model", ModelBundle.T5Pieces) is { } pieces)
        {
            _tokenizers = _tokenizers with { T5 = Tokenizing(() => TokenizerRecord.OfT5(pieces)) };
        }
        if (source.Export is { } export)
        {
            return _exports.T5(export, source);
        }
        using var weights = _draft.AddWeights(source, "t5");
        var config = T5Config.Infer(weights, _config.Hints("t5", weights, source.Configs));
        _draft.WriteGraph(GraphKind.T5, precision => T5Graph.Build(config, weights, precision));
        return config;
    }

    private ClipConfig ImportClip(string path)
    {
        var source = PartSource.Find(path, _sources.ClipTokenizer);
        var vocabulary = CopyTokenizer(source, "vocab.json", ModelBundle.ClipVocabulary);
        var merges = CopyTokenizer(source, "merges.txt", ModelBundle.ClipMerges);
        if (vocabulary is not null && merges is not null)
        {
            _tokenizers = _tokenizers with { Clip = Tokenizing(() => TokenizerRecord.OfClip(vocabulary, merges)) };
        }
        if (source.Export is { } export)
        {
            return _exports.Clip(export, source);
        }
        using var weights = _draft.AddWeights(source, "clip");
        var config = ClipConfig.Infer(weights, _config.Hints("clip", weights, source.Configs));
        _draft.WriteGraph(GraphKind.Clip, _ => ClipGraph.Build(config, weights));
        return config;
    }

    /// <summary>Copies a file of a tokenizer.</summary>
    /// <returns>Where it was found; null if there is none.</returns>
    private string? CopyTokenizer(PartSource source, string file, string name)
    {
        var found = source.TokenizerFolders.Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);
        if (found is not null)
        {
            _draft.Copy(found, name);
        }
        return found;
    }

    /// <summary>A tokenizer that cannot be read is damaged where it comes from; there is no model yet.</summary>
    private static T Tokenizing<T>(Func<T> encode)
    {
        try
        {
            return encode();
        }
        catch (KontextException error)
        {
            throw new KontextException(ErrorCode.WeightsInvalid, error.Message, error);
        }
    }

    // \z and not $, which would let a line break pass at the end.
    [GeneratedRegex(@"^[a-z0-9][a-z0-9._-]{0,63}\z")]
    private static partial Regex NamePattern();
}
