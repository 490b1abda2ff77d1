namespace Kontext.Flux.Tests;

/// <summary>A folder of a test's own; gone afterwards with all it holds.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("kontext-test-").FullName;

    /// <summary>Names of the files and folders in it.</summary>
    public string[] Names =>
        [
            .. Directory
                .EnumerateFileSystemEntries(Path)
                .Select(System.IO.Path.GetFileName)
                .Order(StringComparer.Ordinal)!,
        ];

    public string this[params ReadOnlySpan<string> parts] => System.IO.Path.Combine([Path, .. parts]);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
