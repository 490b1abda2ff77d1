using Google.Protobuf;
using Kontext.Contracts;
using Kontext.Flux.Onnx;
using Kontext.Flux.Onnx.Proto;
using Kontext.Flux.Weights;

namespace Kontext.Flux.Bundles;

/// <summary>
/// A bundle that is being made, in a hidden folder beside its place: it takes its name when it is whole, and is gone when
/// it never is. Where weights lie, and what it is to take a name, are for those that derive from it.
/// </summary>
internal abstract class BundleDraft : IDisposable
{
    /// <summary>Where weights lie, by the names that the bundle gives them.</summary>
    private readonly Dictionary<string, string> _weights = [];

    /// <summary>SHA-256 of files, as far as the place they come from tells it.</summary>
    private readonly Dictionary<string, string> _published = [];

    /// <summary>Makes the folder.</summary>
    protected BundleDraft(string folder)
    {
        Folder = folder;
        Directory.CreateDirectory(Folder);
    }

    /// <summary>Where the files are for now.</summary>
    public string Folder { get; }

    /// <summary>Adds a part's safetensors files: <c>part.safetensors</c>, or numbered if they are several.</summary>
    /// <returns>Their tensors, under the names that the bundle gives the files.</returns>
    public WeightMap AddWeights(PartSource source, string part)
    {
        var shards = source.Weights.Count;
        string[] names =
        [
            .. source.Weights.Select(
                (file, i) =>
                    NameOf(
                        file,
                        shards == 1 ? $"{part}.safetensors" : $"{part}-{i + 1:00000}-of-{shards:00000}.safetensors"
                    )
            ),
        ];
        // Read where they are, so that failures name the file that the user knows.
        var weights = WeightMap.Open(source.Weights, names);
        try
        {
            foreach (var (file, name) in source.Weights.Zip(names))
            {
                Add(file, name);
            }
            return weights;
        }
        catch
        {
            weights.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Adds an exported graph and the files that hold its weights, into a folder of the graph's name. One that samples
    /// latents is changed to give their mean.
    /// </summary>
    /// <returns>The name that the bundle gives the graph's file.</returns>
    /// <exception cref="KontextException">A file with weights is missing, too short or out of ONNX Runtime's reach.</exception>
    public string AddExport(GraphKind kind, OnnxFile graph)
    {
        var source = Path.GetDirectoryName(Path.GetFullPath(graph.Path))!;
        foreach (var data in ExportReader.DataFiles(graph))
        {
            var file = Path.Combine(source, data);
            Add(file, NameOf(file, $"{kind.Name()}/{data}"));
        }
        var name = NameOf(graph.Path, $"{kind.Name()}/{Path.GetFileName(graph.Path)}");
        if (graph.IsRandom)
        {
            using var stream = Create(
                name,
                "it samples latents, and a graph that gives their mean would be written in its place"
            );
            MeanGraph.Of(graph.Path).WriteTo(stream);
            return name;
        }
        Add(graph.Path, name);
        return name;
    }

    /// <summary>Adds the publisher's licence.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.FileNotFound"/>: it cannot be read.</exception>
    public virtual void AddLicence(string file) => Copy(file, ModelBundle.LicenceFile);

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

    /// <summary>Adds the manifest, with the digests of all files, and gives the bundle its name.</summary>
    public void Finish(ModelManifest manifest)
    {
        var files = new SortedDictionary<string, FileDigest>(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(Folder, path);
            files[name] = FileDigest.Of(path, _published.GetValueOrDefault(name));
        }
        foreach (var (name, path) in _weights.Where(weights => !files.ContainsKey(weights.Key)))
        {
            files[name] = FileDigest.Of(path);
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

    /// <summary>The name that the bundle gives a file of weights.</summary>
    /// <param name="file">The file.</param>
    /// <param name="proposed">What it would be called in a folder of the bundle's own.</param>
    protected abstract string NameOf(string file, string proposed);

    /// <summary>Sees to it that a file of weights can be read under its name.</summary>
    /// <returns>Where it lies.</returns>
    protected abstract string Place(string file, string name);

    /// <summary>Makes a file instead of one of the publisher's.</summary>
    /// <param name="name">Its name, which is that of the publisher's.</param>
    /// <param name="reason">Why.</param>
    protected abstract Stream Create(string name, string reason);

    /// <summary>Gives the bundle its name; what had it before is back if that fails.</summary>
    protected abstract void TakeItsPlace();

    /// <summary>Adds a file of the publisher's.</summary>
    protected void Add(string file, string name)
    {
        // A snapshot of a model hub may hold symbolic links, which ONNX Runtime refuses as external data.
        var real = File.ResolveLinkTarget(file, returnFinalTarget: true)?.FullName ?? file;
        _weights[name] = Place(real, name);
        if (HubCache.Sha256Of(file, real) is { } published)
        {
            _published[name] = published;
        }
    }
}
