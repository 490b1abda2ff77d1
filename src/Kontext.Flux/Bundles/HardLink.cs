using System.Runtime.InteropServices;

namespace Kontext.Flux.Bundles;

/// <summary>A second name for a file, so that weights of many gigabytes are stored once.</summary>
internal static partial class HardLink
{
    private const int Chunk = 16 << 20;

    /// <summary>Links, or copies where the file system cannot link (another volume, another system).</summary>
    /// <param name="source">The file.</param>
    /// <param name="target">Its second name.</param>
    /// <param name="onCopy">Told of a copy before it begins and as it goes on.</param>
    public static void CreateOrCopy(string source, string target, Action<CopyProgress>? onCopy)
    {
        if (OperatingSystem.IsWindows() || Link(Path.GetFullPath(source), Path.GetFullPath(target)) != 0)
        {
            Copy(source, target, onCopy);
        }
    }

    /// <summary>Copies a file and tells how far it is.</summary>
    internal static void Copy(string source, string target, Action<CopyProgress>? onCopy)
    {
        using var reader = File.OpenRead(source);
        using var writer = new FileStream(target, FileMode.CreateNew, FileAccess.Write);
        var progress = new CopyProgress(source, 0, reader.Length);
        onCopy?.Invoke(progress);
        var buffer = new byte[Chunk];
        for (var read = reader.Read(buffer); read > 0; read = reader.Read(buffer))
        {
            writer.Write(buffer, 0, read);
            progress = progress with { Copied = progress.Copied + read };
            onCopy?.Invoke(progress);
        }
    }

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string created);
}
