namespace Kontext.Flux.Bundles;

/// <summary>
/// A model hub's cache: a snapshot holds symbolic links to files in a folder <c>blobs</c>, and a large file's name there
/// is the SHA-256 that the hub gives for it. It is believed here and checked by a full verification.
/// </summary>
internal static class HubCache
{
    private const string Blobs = "blobs";
    private const int Sha256Digits = 64;

    /// <summary>The SHA-256 that the name of a link's target tells, or null.</summary>
    /// <param name="link">The file as it was given.</param>
    /// <param name="target">The file it stands for.</param>
    public static string? Sha256Of(string link, string target)
    {
        var name = Path.GetFileName(target);
        return
            link != target
            && Path.GetFileName(Path.GetDirectoryName(target)) == Blobs
            && name.Length == Sha256Digits
            && name.All(char.IsAsciiHexDigitLower)
            ? name
            : null;
    }
}
