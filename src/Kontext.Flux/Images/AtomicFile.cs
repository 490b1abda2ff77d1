using Kontext.Contracts;

namespace Kontext.Flux.Images;

/// <summary>Files that are there whole or not at all.</summary>
public static class AtomicFile
{
    /// <summary>Writes beside the target, then renames.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.OutputUnwritable"/>.</exception>
    public static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        var draft = $"{path}.{Guid.NewGuid():n}.part";
        try
        {
            File.WriteAllBytes(draft, bytes);
            File.Move(draft, path, overwrite: true);
        }
        // ArgumentException: a path that no file can have, such as an empty one.
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            TryDelete(draft);
            throw new KontextException(
                ErrorCode.OutputUnwritable,
                $"'{path}' cannot be written: {error.Message.Replace(draft, path, StringComparison.Ordinal)}",
                error
            );
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // The first failure is the one to report.
        }
    }
}
