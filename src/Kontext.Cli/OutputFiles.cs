using Kontext.Contracts;
using Kontext.Flux.Images;

namespace Kontext.Cli;

/// <summary>Where images go, settled before any work is done.</summary>
/// <param name="Paths">One path per image.</param>
/// <param name="Format">Their format.</param>
internal sealed record OutputFiles(IReadOnlyList<string> Paths, ImageFormat Format)
{
    /// <summary>Works out paths and format, and checks that the folder takes files.</summary>
    /// <param name="output">A file, an existing folder, or a path that ends in a slash; null for the working folder.</param>
    /// <param name="format">The format asked for; null for the path's.</param>
    /// <param name="defaultName">File name where <paramref name="output"/> names none, without extension.</param>
    /// <param name="count">Images; several get -1, -2 … before the extension.</param>
    /// <exception cref="KontextException">
    /// <see cref="ErrorCode.Usage"/>: path and format contradict. <see cref="ErrorCode.OutputUnwritable"/>.
    /// </exception>
    public static OutputFiles Plan(string? output, ImageFormat? format, string defaultName, int count)
    {
        var isFolder = output is null || Directory.Exists(output) || Path.EndsInDirectorySeparator(output);
        var named = isFolder ? null : ImageFormats.OfPath(output!);
        if (named is { } fromPath && format is { } asked && fromPath != asked)
        {
            throw new KontextException(
                ErrorCode.Usage,
                $"--output '{output}' is named as {fromPath} but --format says {asked}: leave one of them out."
            );
        }
        var chosen = format ?? named ?? ImageFormat.Png;
        var stem = isFolder
            ? Path.Combine(output ?? "", defaultName)
            : Path.Combine(Path.GetDirectoryName(output)!, Path.GetFileNameWithoutExtension(output)!);
        var extension = named is null ? chosen.Extension() : Path.GetExtension(output);
        CheckFolder(Path.GetDirectoryName(Path.GetFullPath(stem))!, output ?? defaultName);
        return new(
            count == 1
                ? [stem + extension]
                : [.. Enumerable.Range(1, count).Select(number => $"{stem}-{number}{extension}")],
            chosen
        );
    }

    private static void CheckFolder(string folder, string output)
    {
        if (!Directory.Exists(folder))
        {
            throw new KontextException(
                ErrorCode.OutputUnwritable,
                $"'{output}' cannot be written: there is no folder '{folder}'."
            );
        }
        try
        {
            var probe = Path.Combine(folder, $".kontext-{Guid.NewGuid():n}");
            using var created = new FileStream(
                probe,
                FileMode.CreateNew,
                FileAccess.Write,
                FileShare.None,
                1,
                FileOptions.DeleteOnClose
            );
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KontextException(
                ErrorCode.OutputUnwritable,
                $"'{output}' cannot be written: the folder '{folder}' takes no files.",
                error
            );
        }
    }
}
