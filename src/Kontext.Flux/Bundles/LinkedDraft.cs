namespace Kontext.Flux.Bundles;

/// <summary>A bundle in a folder of its own, into which weights are linked, or copied where they cannot be.</summary>
/// <param name="target">Where the bundle will be.</param>
/// <param name="onCopy">Told of weights that are copied because they cannot be linked.</param>
internal sealed class LinkedDraft(string target, Action<CopyProgress>? onCopy) : BundleDraft(HiddenPath.Beside(target))
{
    /// <inheritdoc/>
    protected override string NameOf(string file, string proposed) => proposed;

    /// <inheritdoc/>
    protected override string Place(string file, string name)
    {
        var path = PathOf(name);
        // Two graphs may share a file of weights.
        if (!File.Exists(path))
        {
            HardLink.CreateOrCopy(file, path, onCopy);
        }
        return path;
    }

    /// <inheritdoc/>
    protected override Stream Create(string name, string reason) => File.Create(PathOf(name));

    /// <inheritdoc/>
    protected override void TakeItsPlace() => NamedPlace.Take(target, () => Directory.Move(Folder, target));

    private string PathOf(string name)
    {
        var path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return path;
    }
}
