using Kontext.Contracts;
using Kontext.Flux.Files;
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
        if (output is { Length: 0 })
        {
            throw new KontextException(ErrorCode.Usage, "An empty text is not a path to write to.");
        }
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
        AtomicFile.CheckPlace(stem + extension);
        return new(
            count == 1
                ? [stem + extension]
                : [.. Enumerable.Range(1, count).Select(number => $"{stem}-{number}{extension}")],
            chosen
        );
    }

    /// <summary>Refuses a file that would take the place of one of these.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.Usage"/>.</exception>
    public void CheckApartFrom(OutputFiles others, string option)
    {
        if (Paths.Select(Path.GetFullPath).Intersect(others.Paths.Select(Path.GetFullPath)).Any())
        {
            throw new KontextException(
                ErrorCode.Usage,
                $"{option} '{Paths[0]}' would take the place of an image: give it another name."
            );
        }
    }
}
