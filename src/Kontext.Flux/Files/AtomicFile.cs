using Kontext.Contracts;

namespace Kontext.Flux.Files;

/// <summary>Files that are there whole or not at all.</summary>
public static class AtomicFile
{
    /// <summary>Checks, before work is done, that a file could be written: the folder is there and takes files.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.OutputUnwritable"/>.</exception>
    public static void CheckPlace(string path)
    {
        var folder = FolderOf(path);
        if (!Directory.Exists(folder))
        {
            throw Unwritable(path, $"there is no folder '{folder}'.");
        }
        try
        {
            using var created = new FileStream(
                DraftIn(folder),
                FileMode.CreateNew,
                FileAccess.Write,
                FileShare.None,
                bufferSize: 1,
                FileOptions.DeleteOnClose
            );
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(path, $"the folder '{folder}' takes no files.", error);
        }
    }

    /// <summary>Writes beside the target, then renames.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.OutputUnwritable"/>.</exception>
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        var draft = DraftIn(FolderOf(path));
        try
        {
            File.WriteAllBytes(draft, bytes);
            File.Move(draft, path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            TryDelete(draft);
            throw Unwritable(path, error.Message.Replace(draft, path, StringComparison.Ordinal), error);
        }
    }

    /// <summary>Short, so that any name the disk takes can be written.</summary>
    private static string DraftIn(string folder) => Path.Combine(folder, $".kontext-{Guid.NewGuid():n}.part");

    /// <summary>
    /// The folder of a path, but none that holds devices: a rename onto /dev/null would put a file in the place of the
    /// device, for the whole system.
    /// </summary>
    private static string FolderOf(string path)
    {
        if (path.Length == 0 || path.Contains('\0'))
        {
            throw Unwritable(path, "it is no path.");
        }
        var full = Path.GetFullPath(path);
        var folder = Path.GetDirectoryName(full) ?? full;
        var isOfDevices =
            $"{folder}/".StartsWith("/dev/", StringComparison.Ordinal)
            && !$"{folder}/".StartsWith("/dev/shm/", StringComparison.Ordinal);
        return isOfDevices ? throw Unwritable(path, $"'{folder}' holds devices, not files.") : folder;
    }

    private static KontextException Unwritable(string path, string reason, Exception? inner = null) =>
        new(ErrorCode.OutputUnwritable, $"'{path}' cannot be written: {reason}", inner);

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The first failure is the one to report.
        }
    }
}
