using Google.Protobuf;
using Kontext.Contracts;
using Kontext.Flux.Onnx;
using Kontext.Flux.Onnx.Proto;
using Kontext.Flux.Weights;

namespace Kontext.Flux.Bundles;

/// <summary>
/// The folder of a bundle that is being made, beside its place and under a hidden name: it takes its name when it is whole,
/// and is gone when it never is.
/// </summary>
internal sealed class BundleDraft : IDisposable
{
    private readonly string _target;
    private readonly Action<CopyProgress>? _onCopy;

    /// <summary>SHA-256 of files, as far as the place they come from tells it.</summary>
    private readonly Dictionary<string, string> _published = [];

    /// <summary>Makes the folder.</summary>
    /// <param name="target">Where the bundle will be.</param>
    /// <param name="onCopy">Told of weights that are copied because they cannot be linked.</param>
    public BundleDraft(string target, Action<CopyProgress>? onCopy)
    {
        _target = target;
        _onCopy = onCopy;
        Folder = Beside(target);
        Directory.CreateDirectory(Folder);
    }

    /// <summary>Where the files are for now.</summary>
    public string Folder { get; }

    /// <summary>Links a part's files: <c>part.safetensors</c>, or numbered if they are several.</summary>
    /// <returns>Their tensors, under the names that the bundle gives the files.</returns>
    public WeightMap Link(PartSource source, string part)
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
        try
        {
            foreach (var (file, name) in source.Weights.Zip(names))
            {
                LinkFile(file, name);
            }
            return weights;
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <summary>Copies a file.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.FileNotFound"/>: it cannot be read.</exception>
    public void Copy(string source, string name)
    {
        try
        {
            // A file that cannot be read is the source's fault, one that cannot be written the bundle's.
            using (File.OpenRead(source)) { }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KontextException(ErrorCode.FileNotFound, $"'{source}' cannot be read: {error.Message}", error);
        }
        File.Copy(source, Path.Combine(Folder, name));
    }

    /// <summary>Writes a graph in every precision it has.</summary>
    public void WriteGraph(GraphKind kind, Func<Precision, ModelProto> build)
    {
        foreach (var precision in kind.Precisions())
        {
            using var stream = File.Create(Path.Combine(Folder, kind.FileName(precision)));
            build(precision).WriteTo(stream);
        }
    }

    /// <summary>Adds the manifest, with the digests of all files that are there, and gives the bundle its name.</summary>
    public void Finish(ModelManifest manifest)
    {
        var files = new SortedDictionary<string, FileDigest>(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(Folder))
        {
            var name = Path.GetFileName(path);
            files.Add(name, FileDigest.Of(path, _published.GetValueOrDefault(name)));
        }
        manifest = manifest with { Files = files };
        manifest = manifest with { Digest = ModelBundle.DigestOf(manifest) };
        File.WriteAllText(Path.Combine(Folder, ModelBundle.ManifestFile), manifest.ToJson() + "\n");
        TakeItsPlace();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Directory.Exists(Folder))
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    private void LinkFile(string file, string name)
    {
        // A snapshot of a model hub may hold symbolic links, which ONNX Runtime refuses as external data.
        var real = File.ResolveLinkTarget(file, returnFinalTarget: true)?.FullName ?? file;
        HardLink.CreateOrCopy(real, Path.Combine(Folder, name), _onCopy);
        if (HubCache.Sha256Of(file, real) is { } published)
        {
            _published.Add(name, published);
        }
    }

    /// <summary>The old bundle steps aside and is deleted last: it is back if the new one cannot be moved.</summary>
    private void TakeItsPlace()
    {
        if (!Directory.Exists(_target))
        {
            Directory.Move(Folder, _target);
            return;
        }
        var aside = Beside(_target);
        Directory.Move(_target, aside);
        try
        {
            Directory.Move(Folder, _target);
        }
        catch (IOException)
        {
            Directory.Move(aside, _target);
            throw;
        }
        Directory.Delete(aside, recursive: true);
    }

    private static string Beside(string target) =>
        Path.Combine(Path.GetDirectoryName(target)!, $".{Path.GetFileName(target)}-{Guid.NewGuid():n}");
}
