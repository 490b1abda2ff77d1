using System.Runtime.CompilerServices;
using Kontext.Contracts;

namespace Kontext.Storage.Objects;

/// <summary>
/// Objects as files of a folder. A file is written beside and renamed, so that it is there whole or not at all, and what
/// <see cref="PutAsync"/> has returned from survives whatever happens to this process. It is not forced to the disk: a
/// machine that loses power may lose the last seconds (docs/storage.md says why).
/// </summary>
internal sealed class FolderObjectStore : IObjectStore
{
    /// <summary>No object has such a name, so that drafts are never listed.</summary>
    private const string DraftFolder = ".drafts";

    /// <summary>Bytes up to which another thread would take longer to wake than the copy into the system's cache takes.</summary>
    private const int MostInline = 64 * 1024;

    private const string HexDigits = "0123456789abcdef";

    private readonly string _root;
    private readonly string _drafts;

    /// <summary>A store in a folder, which is made.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ConfigurationInvalid"/>: the folder takes no files.</exception>
    public FolderObjectStore(string root)
    {
        _root = Path.GetFullPath(root);
        _drafts = Path.Combine(_root, DraftFolder);
        try
        {
            foreach (var digit in HexDigits)
            {
                Directory.CreateDirectory(Path.Combine(_drafts, $"{digit}"));
            }
            // Whoever wrote a draft is long gone when it is a day old.
            var old = DateTime.UtcNow.AddDays(-1);
            foreach (
                var draft in new DirectoryInfo(_drafts)
                    .EnumerateFiles("*", SearchOption.AllDirectories)
                    .Where(file => file.LastWriteTimeUtc < old)
            )
            {
                draft.Delete();
            }
        }
        catch (Exception error) when (IsOfDisk(error))
        {
            throw new KontextException(
                ErrorCode.ConfigurationInvalid,
                $"The folder '{_root}' cannot hold objects: {error.Message}",
                error
            );
        }
    }

    /// <summary>Where objects lie in the folder of what is embedded.</summary>
    public static string In(string dataFolder) => Path.Combine(dataFolder, "objects");

    /// <summary>Nothing: a store has its folder.</summary>
    public Task EnsureExistsAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task PutAsync(
        string name,
        ReadOnlyMemory<byte> content,
        string contentType,
        CancellationToken cancellationToken
    ) =>
        OnDiskAsync(async () =>
        {
            var path = PathOf(name);
            var id = Guid.NewGuid().ToString("n");
            // In one folder they would wait for each other: a folder takes one new file at a time.
            var draft = Path.Combine(_drafts, id[..1], id);
            try
            {
                await WriteAsync(draft, content, cancellationToken);
                Publish(draft, path);
                return true;
            }
            catch
            {
                File.Delete(draft);
                throw;
            }
        });

    /// <inheritdoc/>
    public Task<byte[]?> ReadAsync(string name, CancellationToken cancellationToken) =>
        OnDiskAsync(async () =>
        {
            try
            {
                return (byte[]?)await File.ReadAllBytesAsync(PathOf(name), cancellationToken);
            }
            catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
            {
                return null;
            }
        });

    /// <inheritdoc/>
    public async Task<long?> CopyToAsync(string name, Stream destination, CancellationToken cancellationToken)
    {
        var source = await OnDiskAsync(() => Task.FromResult(Open(name)));
        if (source is null)
        {
            return null;
        }
        await using (source)
        {
            await source.CopyToAsync(destination, cancellationToken);
            return source.Length;
        }
    }

    /// <inheritdoc/>
    public Task<bool> ExistsAsync(string name, CancellationToken cancellationToken) =>
        Task.FromResult(File.Exists(PathOf(name)));

    /// <inheritdoc/>
    public Task<DateTimeOffset?> StoredAtAsync(string name, CancellationToken cancellationToken)
    {
        var file = new FileInfo(PathOf(name));
        return Task.FromResult<DateTimeOffset?>(file.Exists ? new(file.LastWriteTimeUtc, TimeSpan.Zero) : null);
    }

    /// <inheritdoc/>
    public Task DeleteAsync(string name, CancellationToken cancellationToken) =>
        OnDiskAsync(() =>
        {
            var path = PathOf(name);
            try
            {
                // Its folder stays: there are few of them, and another object may be on its way into it.
                File.Delete(path);
            }
            catch (DirectoryNotFoundException)
            {
                // It is not there.
            }
            return Task.FromResult(true);
        });

    /// <inheritdoc/>
    public async IAsyncEnumerable<string> ListAsync(
        string prefix,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        ObjectNameRules.CheckPrefix(prefix);
        var folder = Path.Combine(_root, prefix[..(prefix.LastIndexOf('/') + 1)]);
        var names = await OnDiskAsync(() => Task.FromResult(NamesIn(folder, prefix)));
        foreach (var name in names)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return name;
        }
    }

    /// <inheritdoc/>
    public Task<Uri?> PresignAsync(string name, TimeSpan valid, CancellationToken cancellationToken) =>
        Task.FromResult<Uri?>(null);

    /// <summary>With as few calls of the system as can be: to store small objects is much of what a job costs that computes nothing.</summary>
    private static async Task WriteAsync(
        string draft,
        ReadOnlyMemory<byte> content,
        CancellationToken cancellationToken
    )
    {
        // Nobody else knows its name: a lock would keep nobody out.
        using var file = File.OpenHandle(draft, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite);
        if (content.Length <= MostInline)
        {
            RandomAccess.Write(file, content.Span, fileOffset: 0);
        }
        else
        {
            await RandomAccess.WriteAsync(file, content, fileOffset: 0, cancellationToken);
        }
    }

    private static void Publish(string draft, string path)
    {
        try
        {
            File.Move(draft, path, overwrite: true);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            // The first of its folder.
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.Move(draft, path, overwrite: true);
        }
    }

    private string PathOf(string name)
    {
        ObjectNameRules.Check(name);
        return Path.Combine(_root, name);
    }

    private FileStream? Open(string name)
    {
        try
        {
            return new(
                PathOf(name),
                new FileStreamOptions
                {
                    Share = FileShare.ReadWrite | FileShare.Delete,
                    Options = FileOptions.Asynchronous,
                }
            );
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private List<string> NamesIn(string folder, string prefix)
    {
        try
        {
            return
            [
                .. Directory
                    .EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                    .Select(path => Path.GetRelativePath(_root, path))
                    .Where(name => name.StartsWith(prefix, StringComparison.Ordinal) && name[0] != '.'),
            ];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    private async Task<T> OnDiskAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception error) when (IsOfDisk(error))
        {
            throw new KontextException(
                ErrorCode.ServiceUnavailable,
                $"The folder '{_root}' cannot be used: {error.Message}",
                error
            );
        }
    }

    private static bool IsOfDisk(Exception error) => error is IOException or UnauthorizedAccessException;
}
