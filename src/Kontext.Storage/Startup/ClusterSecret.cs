using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Kontext.Contracts;

namespace Kontext.Storage.Startup;

/// <summary>
/// The secret that the names of tenants' content are made with: the one configured; else one derived from the object store's
/// secret key, which all processes of a cluster share; else a random one in the data folder.
/// </summary>
internal static partial class ClusterSecret
{
    private const int Bytes = 32;

    /// <summary>Finds it.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ConfigurationInvalid"/>: the file cannot be used.</exception>
    public static byte[] Of(StorageSettings settings, string dataFolder)
    {
        if (settings.Secret is { } secret)
        {
            return Encoding.UTF8.GetBytes(secret);
        }
        if (settings.ObjectStore is { SecretKey: var key })
        {
            return HKDF.DeriveKey(
                HashAlgorithmName.SHA256,
                Encoding.UTF8.GetBytes(key),
                Bytes,
                info: "kontext names of tenants' content"u8.ToArray()
            );
        }
        return OfFile(Path.Combine(dataFolder, "secret"));
    }

    private static byte[] OfFile(string path)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            if (!File.Exists(path))
            {
                Create(path);
            }
            var secret = File.ReadAllBytes(path);
            return secret.Length == Bytes
                ? secret
                : throw Unusable($"it has {secret.Length} bytes, not {Bytes}; delete it to begin with a new one.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unusable(error.Message, error);
        }

        KontextException Unusable(string reason, Exception? inner = null) =>
            new(ErrorCode.ConfigurationInvalid, $"The secret in '{path}' cannot be used: {reason}", inner);
    }

    /// <summary>Writes beside and links, so that of two processes that start at once one wins and both read the same.</summary>
    private static void Create(string path)
    {
        var draft = $"{path}.{Guid.NewGuid():n}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        using (var file = new FileStream(draft, options))
        {
            file.Write(RandomNumberGenerator.GetBytes(Bytes));
        }
        try
        {
            // On Unix File.Move looks first and then renames: what another process put there in between would be replaced. Only
            // where a file system has no links is that all there is.
            if (OperatingSystem.IsWindows() || (Link(draft, path) != 0 && !File.Exists(path)))
            {
                File.Move(draft, path, overwrite: false);
            }
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process was first.
        }
        finally
        {
            File.Delete(draft);
        }
    }

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string created);
}
