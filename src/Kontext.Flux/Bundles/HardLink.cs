using System.Runtime.InteropServices;

namespace Kontext.Flux.Bundles;

/// <summary>A second name for a file, so that weights of many gigabytes are stored once.</summary>
internal static partial class HardLink
{
    /// <summary>Links, or copies where the file system cannot link (another volume, another system).</summary>
    public static void CreateOrCopy(string source, string target)
    {
        if (OperatingSystem.IsWindows() || Link(Path.GetFullPath(source), Path.GetFullPath(target)) != 0)
        {
            File.Copy(source, target);
        }
    }

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string created);
}
