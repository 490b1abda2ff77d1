namespace Kontext.Flux.Bundles;

/// <summary>Names that no command lists and nothing else has, for what is on its way in or out.</summary>
internal static class HiddenPath
{
    /// <summary>Such a name in the same folder, and so on the same file system.</summary>
    public static string Beside(string path) =>
        Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}-{Guid.NewGuid():n}");
}
