using Kontext.Contracts;

namespace Kontext.Cli.Serve;

/// <summary>The folder of what is embedded, held by one process at a time.</summary>
internal sealed class DataFolder : IDisposable
{
    private const string LockFile = "serve.lock";

    private readonly FileStream _lock;

    private DataFolder(FileStream held) => _lock = held;

    /// <summary>Where it is unless told otherwise.</summary>
    public static string Default { get; } =
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".kontext", "serve");

    /// <summary>Makes the folder if there is none.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ConfigurationInvalid"/>.</exception>
    public static void Create(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw Unusable(folder, error.Message, error);
        }
    }

    /// <summary>Takes the folder for this process, until it is disposed or the process ends, however it ends.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ConfigurationInvalid"/>: another process has it.</exception>
    public static DataFolder Hold(string folder)
    {
        var path = Path.Combine(folder, LockFile);
        try
        {
            return new(new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (UnauthorizedAccessException error)
        {
            throw Unusable(folder, error.Message, error);
        }
        catch (IOException error)
        {
            throw Unusable(folder, "another process serves from it", error);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    private static KontextException Unusable(string folder, string reason, Exception cause) =>
        new(ErrorCode.ConfigurationInvalid, $"--data '{folder}' cannot be used: {reason.TrimEnd('.')}.", cause);
}
