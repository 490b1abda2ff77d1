using Kontext.Contracts;
using Kontext.Flux.Onnx;

namespace Kontext.Flux.Bundles;

/// <summary>
/// A bundle in the folder of the snapshot it is made from: weights stay where they are, and the graphs lie above them, as
/// ONNX Runtime wants. The model's name is a symbolic link to that folder.
/// </summary>
internal sealed class InPlaceDraft : BundleDraft
{
    /// <summary>Names of the files that an import writes; no other is ever moved or deleted.</summary>
    private static readonly HashSet<string> Written =
    [
        .. from kind in Enum.GetValues<GraphKind>() from precision in kind.Precisions() select kind.FileName(precision),
        ModelBundle.T5Pieces,
        ModelBundle.ClipVocabulary,
        ModelBundle.ClipMerges,
        TokenizerRecord.FileName,
        ModelBundle.ManifestFile,
    ];

    private readonly string _snapshot;
    private readonly string _link;
    private readonly string[] _old;

    private InPlaceDraft(string snapshot, string link, string[] old)
        : base(HiddenPath.Beside(Path.Combine(snapshot, Path.GetFileName(link))))
    {
        (_snapshot, _link, _old) = (snapshot, link, old);
    }

    /// <summary>Begins a bundle in a snapshot's folder.</summary>
    /// <param name="snapshot">The folder.</param>
    /// <param name="link">What the model's name stands for: a link to the folder.</param>
    /// <param name="replace">Whether a bundle of this name that is there already is replaced.</param>
    /// <exception cref="KontextException">
    /// <see cref="ErrorCode.ModelExists"/>: there is a bundle already. <see cref="ErrorCode.InputInvalid"/>: there is a model.json
    /// of something else.
    /// </exception>
    public static InPlaceDraft Begin(string snapshot, string link, bool replace)
    {
        snapshot = Path.TrimEndingDirectorySeparator(Path.GetFullPath(snapshot));
        return new(snapshot, link, OldFiles(snapshot, Path.GetFileName(link), replace));
    }

    /// <inheritdoc/>
    public override void AddLicence(string file) => Add(file, Path.GetRelativePath(_snapshot, Path.GetFullPath(file)));

    /// <inheritdoc/>
    protected override string NameOf(string file, string proposed)
    {
        var name = Path.GetRelativePath(_snapshot, Path.GetFullPath(file));
        if (!BundlePath.IsInside(name))
        {
            throw new KontextException(
                ErrorCode.InputInvalid,
                $"'{file}' does not lie in '{_snapshot}', and ONNX Runtime reads weights only below their graph: move it there, "
                    + "or leave --in-place out."
            );
        }
        var path = _snapshot;
        foreach (var part in name.Split('/'))
        {
            path = Path.Combine(path, part);
            if (new FileInfo(path).LinkTarget is not null)
            {
                throw new KontextException(
                    ErrorCode.InputInvalid,
                    $"'{path}' is a symbolic link, as in a hub's cache, and ONNX Runtime does not read weights through one: leave "
                        + "--in-place out, or download the model into a folder of its own."
                );
            }
        }
        return name;
    }

    /// <inheritdoc/>
    protected override string Place(string file, string name) => file;

    /// <inheritdoc/>
    protected override Stream Create(string name, string reason) =>
        throw new KontextException(
            ErrorCode.InputInvalid,
            $"'{Path.Combine(_snapshot, name)}' cannot stay as it is: {reason}. Leave --in-place out."
        );

    /// <summary>
    /// Files of the old bundle step aside, those of the new take their places, model.json last, and then the name. If one
    /// cannot, all is as it was.
    /// </summary>
    protected override void TakeItsPlace()
    {
        string[] files =
        [
            .. Directory
                .EnumerateFiles(Folder)
                .Select(Path.GetFileName)
                .OrderBy(file => file == ModelBundle.ManifestFile)!,
        ];
        if (files.Except(_old).FirstOrDefault(file => File.Exists(Path.Combine(_snapshot, file))) is { } foreign)
        {
            throw new KontextException(
                ErrorCode.InputInvalid,
                $"'{Path.Combine(_snapshot, foreign)}' is in the way: the bundle would have a file of this name. Move it, or "
                    + "leave --in-place out."
            );
        }
        var aside = HiddenPath.Beside(Path.Combine(_snapshot, Path.GetFileName(_link)));
        Directory.CreateDirectory(aside);
        var undo = new Stack<(string From, string To)>();
        try
        {
            // Without its model.json the old bundle is none, rather than one of mixed files, if this is cut off here.
            foreach (var file in _old.OrderByDescending(file => file == ModelBundle.ManifestFile))
            {
                Move(Path.Combine(_snapshot, file), Path.Combine(aside, file));
            }
            foreach (var file in files)
            {
                Move(Path.Combine(Folder, file), Path.Combine(_snapshot, file));
            }
            NamedPlace.Take(_link, Link);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            while (undo.TryPop(out var move))
            {
                File.Move(move.To, move.From);
            }
            throw;
        }
        finally
        {
            Directory.Delete(aside, recursive: true);
        }

        void Link()
        {
            // What had the name has stepped aside, and is about to be deleted.
            if (!Directory.Exists(_snapshot))
            {
                throw new IOException($"it lies in '{_link}', which would be replaced by it.");
            }
            File.CreateSymbolicLink(_link, _snapshot);
        }

        void Move(string from, string to)
        {
            File.Move(from, to);
            undo.Push((from, to));
        }
    }

    /// <summary>Files that an earlier import wrote here.</summary>
    private static string[] OldFiles(string snapshot, string name, bool replace)
    {
        var path = Path.Combine(snapshot, ModelBundle.ManifestFile);
        if (!File.Exists(path))
        {
            return [];
        }
        var manifest = Read(path);
        if (!replace || manifest.Name != name || !manifest.InPlace)
        {
            throw new KontextException(
                ErrorCode.ModelExists,
                $"'{snapshot}' is the bundle of the model '{manifest.Name}' already."
            );
        }
        var exports = manifest.Graphs?.Values.Select(graph => graph.File).ToHashSet(StringComparer.Ordinal) ?? [];
        return
        [
            .. manifest
                .Files.Keys.Append(ModelBundle.ManifestFile)
                .Where(file => Written.Contains(file) && !exports.Contains(file))
                .Where(file => File.Exists(Path.Combine(snapshot, file))),
        ];
    }

    private static ModelManifest Read(string path)
    {
        try
        {
            return ModelBundle.ReadManifest(path);
        }
        catch (KontextException error)
        {
            throw new KontextException(
                ErrorCode.InputInvalid,
                $"'{path}' is in the way: it describes no bundle. Move it, or leave --in-place out.",
                error
            );
        }
    }
}
