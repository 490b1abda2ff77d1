using Kontext.Contracts;

namespace Kontext.Flux.Bundles;

/// <summary>The path that a model's name stands for: a bundle's folder, or a symbolic link to one that lies elsewhere.</summary>
internal static class NamedPlace
{
    /// <summary>Whether something is there, be it a link that leads nowhere.</summary>
    public static bool IsTaken(string path) => Directory.Exists(path) || File.Exists(path);

    /// <summary>Whether a folder is there, and no link, that an import did not fill: it is never deleted.</summary>
    public static bool HoldsWhatIsNotOurs(string path)
    {
        if (!Directory.Exists(path) || new DirectoryInfo(path).LinkTarget is not null)
        {
            return false;
        }
        var manifest = Path.Combine(path, ModelBundle.ManifestFile);
        try
        {
            return !File.Exists(manifest) || ModelBundle.ReadManifest(manifest).InPlace;
        }
        catch (KontextException)
        {
            // A damaged bundle may be replaced: that mends it.
            return false;
        }
    }

    /// <summary>
    /// Puts something there. What was there steps aside and is deleted last: it is back if the new cannot be put. Of a
    /// link only the link itself is deleted, never what it leads to.
    /// </summary>
    public static void Take(string path, Action put)
    {
        if (!IsTaken(path))
        {
            put();
            return;
        }
        if (new FileInfo(path).LinkTarget is { } lead)
        {
            File.Delete(path);
            Try(put, () => File.CreateSymbolicLink(path, lead));
            return;
        }
        if (!Directory.Exists(path))
        {
            throw new IOException($"'{path}' is a file, and no model.");
        }
        var aside = HiddenPath.Beside(path);
        Directory.Move(path, aside);
        Try(put, () => Directory.Move(aside, path));
        Directory.Delete(aside, recursive: true);
    }

    private static void Try(Action put, Action undo)
    {
        try
        {
            put();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            undo();
            throw;
        }
    }
}
