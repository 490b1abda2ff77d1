using System.Text.RegularExpressions;
using Google.Protobuf;
using Kontext.Contracts;
using Kontext.Flux.Graphs;
using Kontext.Flux.Onnx;
using Kontext.Flux.Onnx.Proto;
using Kontext.Flux.Stages;
using Kontext.Flux.Weights;

namespace Kontext.Flux.Bundles;

/// <summary>
/// Makes a bundle from published weights: links the safetensors files into a new folder and writes graphs over them.
/// The folder appears under its name only when it is whole.
/// </summary>
public sealed partial class BundleImporter
{
    private readonly ImportSources _sources;
    private readonly ImportConfig _config;
    private readonly string _folder;
    private readonly IProgress<GenerationProgress>? _progress;
    private readonly Action<CopyProgress>? _onCopy;
    private readonly CancellationToken _cancellation;

    /// <summary>SHA-256 of files of the bundle, as far as the place they come from tells it.</summary>
    private readonly Dictionary<string, string> _published = [];
    private TokenizerRecord _tokenizers = new();

    private BundleImporter(
        ImportSources sources,
        string folder,
        IProgress<GenerationProgress>? progress,
        Action<CopyProgress>? onCopy,
        CancellationToken cancellation
    )
    {
        _progress = progress;
        _onCopy = onCopy;
        _cancellation = cancellation;
        _sources = sources;
        _config = ImportConfig.Parse(sources.Config);
        _folder = folder;
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
        IProgress<GenerationProgress>? progress = null,
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
        if (sources is { Transformer: null, Autoencoder: null, T5: null, Clip: null })
        {
            throw new KontextException(
                ErrorCode.Usage,
                "There is nothing to import: give --transformer, --autoencoder, --t5 or --clip."
            );
        }
        var target = Path.Combine(parent, sources.Name);
        if (Directory.Exists(target) && !sources.Replace)
        {
            throw new KontextException(ErrorCode.ModelExists, $"'{target}' exists already.");
        }
        var draft = Draft(parent, sources.Name);
        try
        {
            Directory.CreateDirectory(draft);
            new BundleImporter(sources, draft, progress, onCopy, cancellationToken).Write();
            Replace(target, draft, aside: Draft(parent, sources.Name));
            return ModelBundle.Open(target);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KontextException(
                ErrorCode.OutputUnwritable,
                $"The bundle cannot be written to '{target}': {error.Message}",
                error
            );
        }
        finally
        {
            if (Directory.Exists(draft))
            {
                Directory.Delete(draft, recursive: true);
            }
        }
    }

    private static string Draft(string parent, string name) => Path.Combine(parent, $".{name}-{Guid.NewGuid():n}");

    /// <summary>Gives the new bundle its name. The old one steps aside and is deleted last, so that one is always there.</summary>
    private static void Replace(string target, string draft, string aside)
    {
        var replaces = Directory.Exists(target);
        if (replaces)
        {
            Directory.Move(target, aside);
        }
        try
        {
            Directory.Move(draft, target);
        }
        catch (IOException) when (replaces)
        {
            Directory.Move(aside, target);
            throw;
        }
        if (replaces)
        {
            Directory.Delete(aside, recursive: true);
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
            Autoencoder = _sources.Autoencoder is { } autoencoder ? ImportAutoencoder(autoencoder) : null,
            T5 = _sources.T5 is { } t5 ? ImportT5(t5) : null,
            Clip = _sources.Clip is { } clip ? ImportClip(clip) : null,
            Files = new SortedDictionary<string, FileDigest>(StringComparer.Ordinal),
        };
        if (ManifestCheck.Fault(manifest) is { } fault)
        {
            throw new KontextException(ErrorCode.InputInvalid, $"The weights and settings make no model: {fault}");
        }
        if (_sources.LicenceFile is { } licence)
        {
            Reading(licence, () => File.Copy(licence, Path.Combine(_folder, ModelBundle.LicenceFile)));
        }
        _tokenizers.Write(_folder);
        var files = new SortedDictionary<string, FileDigest>(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(_folder))
        {
            var name = Path.GetFileName(path);
            files.Add(name, FileDigest.Of(path, _published.GetValueOrDefault(name)));
        }
        manifest = manifest with { Files = files };
        manifest = manifest with { Digest = ModelBundle.DigestOf(manifest) };
        File.WriteAllText(Path.Combine(_folder, ModelBundle.ManifestFile), manifest.ToJson() + "\n");
    }

    private TransformerConfig ImportTransformer(string path)
    {
        var source = PartSource.Find(path);
        if (_sources.Weights == WeightStorage.AsPublished)
        {
            using var weights = LinkWeights(source, "transformer");
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
        WriteGraph(
            GraphKind.TransformerPrepare,
            precision => TransformerGraphs.BuildPrepare(config, weights, precision)
        );
        WriteGraph(GraphKind.Transformer, precision => TransformerGraphs.BuildStep(config, weights, precision));
        return config;
    }

    private WeightMap QuantiseTransformer(WeightMap published)
    {
        var file = Path.Combine(_folder, "transformer.int8.safetensors");
        Int8Weights.Write(published, file, _progress, _cancellation);
        return WeightMap.Open(file);
    }

    private AutoencoderConfig ImportAutoencoder(string path)
    {
        var source = PartSource.Find(path);
        using var weights = LinkWeights(source, "autoencoder");
        AutoencoderLayout.Apply(weights);
        var config = AutoencoderConfig.Infer(weights, _config.Hints("autoencoder", weights, source.Configs));
        WriteGraph(GraphKind.ContextEncoder, _ => AutoencoderGraphs.BuildEncoder(config, weights));
        WriteGraph(GraphKind.Decoder, _ => AutoencoderGraphs.BuildDecoder(config, weights));
        return config;
    }

    private T5Config ImportT5(string path)
    {
        var source = PartSource.Find(path, _sources.T5Tokenizer);
        using var weights = LinkWeights(source, "t5");
        if (CopyTokenizer(source, "spiece.model", ModelBundle.T5Pieces) is { } pieces)
        {
            _tokenizers = _tokenizers with { T5 = Tokenizing(() => TokenizerRecord.OfT5(pieces)) };
        }
        var config = T5Config.Infer(weights, _config.Hints("t5", weights, source.Configs));
        WriteGraph(GraphKind.T5, precision => T5Graph.Build(config, weights, precision));
        return config;
    }

    private ClipConfig ImportClip(string path)
    {
        var source = PartSource.Find(path, _sources.ClipTokenizer);
        using var weights = LinkWeights(source, "clip");
        var vocabulary = CopyTokenizer(source, "vocab.json", ModelBundle.ClipVocabulary);
        var merges = CopyTokenizer(source, "merges.txt", ModelBundle.ClipMerges);
        if (vocabulary is not null && merges is not null)
        {
            _tokenizers = _tokenizers with { Clip = Tokenizing(() => TokenizerRecord.OfClip(vocabulary, merges)) };
        }
        var config = ClipConfig.Infer(weights, _config.Hints("clip", weights, source.Configs));
        WriteGraph(GraphKind.Clip, _ => ClipGraph.Build(config, weights));
        return config;
    }

    /// <summary>Links a part's files into the bundle: <c>part.safetensors</c>, or numbered if they are several.</summary>
    private WeightMap LinkWeights(PartSource source, string part)
    {
        var shards = source.Weights.Count;
        string[] names =
        [
            .. Enumerable
                .Range(1, shards)
                .Select(i => shards == 1 ? $"{part}.safetensors" : $"{part}-{i:00000}-of-{shards:00000}.safetensors"),
        ];
        // Read where they are, so that failures name the file that the user knows.
        var weights = WeightMap.Open(source.Weights, names);
        foreach (var (file, name) in source.Weights.Zip(names))
        {
            // A snapshot of a model hub may hold symbolic links, which ONNX Runtime refuses as external data.
            var real = File.ResolveLinkTarget(file, returnFinalTarget: true)?.FullName ?? file;
            HardLink.CreateOrCopy(real, Path.Combine(_folder, name), _onCopy);
            if (HubCache.Sha256Of(file, real) is { } published)
            {
                _published.Add(name, published);
            }
        }
        return weights;
    }

    /// <summary>Copies a file of a tokenizer.</summary>
    /// <returns>Where it was found; null if there is none.</returns>
    private string? CopyTokenizer(PartSource source, string file, string name)
    {
        var found = source.TokenizerFolders.Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);
        if (found is not null)
        {
            Reading(found, () => File.Copy(found, Path.Combine(_folder, name)));
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

    /// <summary>Blames the source, not the bundle, for what cannot be read.</summary>
    private static void Reading(string source, Action copy)
    {
        try
        {
            using (File.OpenRead(source)) { }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KontextException(ErrorCode.FileNotFound, $"'{source}' cannot be read: {error.Message}", error);
        }
        copy();
    }

    private void WriteGraph(GraphKind kind, Func<Precision, ModelProto> build)
    {
        foreach (var precision in kind.Precisions())
        {
            using var stream = File.Create(Path.Combine(_folder, kind.FileName(precision)));
            build(precision).WriteTo(stream);
        }
    }

    // \z and not $, which would let a line break pass at the end.
    [GeneratedRegex(@"^[a-z0-9][a-z0-9._-]{0,63}\z")]
    private static partial Regex NamePattern();
}
