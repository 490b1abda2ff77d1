namespace Kontext.Flux.Bundles;

/// <summary>Names of a bundle's files: from its folder, with '/' between folders.</summary>
internal static class BundlePath
{
    /// <summary>Whether a name leads to a place inside the folder, whatever links there are.</summary>
    public static bool IsInside(string name) =>
        name.Length > 0 && name.Split('/').All(part => part is not ("" or "." or "..")) && !name.Contains('\0');
}
