using System.Diagnostics;

namespace Kontext.Servers;

/// <summary>
/// A real server on loopback for tests: on a port and in a folder of its own, and gone with the process that started it.
/// It can be stopped, killed and started again on the same port. Not for use by several threads at once.
/// </summary>
public abstract class LocalServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);

    private protected LocalServer(string name)
    {
        Folder = Directory.CreateTempSubdirectory($"kontext-{name}-").FullName;
        Reaper.AddFolder(Folder);
    }

    /// <summary>Where it keeps its data and logs; removed with it.</summary>
    public string Folder { get; }

    /// <summary>The port clients connect to, on 127.0.0.1; it stays the same over restarts.</summary>
    public int Port { get; } = LocalPorts.Next();

    /// <summary>The process clients talk to; null while it is down.</summary>
    private protected ServerProcess? Process { get; set; }

    /// <summary>Starts it again where it is down, with the data it had.</summary>
    public async Task StartAsync()
    {
        if (Process is null)
        {
            Process = await LaunchAsync();
            await UntilAsync(Process, AnswersAsync);
        }
    }

    /// <summary>Ends it in good order.</summary>
    public async Task StopAsync()
    {
        if (Process is { } process)
        {
            process.Thaw();
            await process.StopAsync(Patience);
            Forget();
        }
    }

    /// <summary>Kills it with signal 9.</summary>
    public async Task KillAsync()
    {
        if (Process is { } process)
        {
            await process.KillAsync();
            Forget();
        }
    }

    /// <summary>Kills it with signal 9 and starts it on the same port with the data it had.</summary>
    public async Task RestartAsync()
    {
        await KillAsync();
        await StartAsync();
    }

    /// <summary>Kills it, deletes all its data and starts it on the same port, empty.</summary>
    public async Task WipeAndRestartAsync()
    {
        await KillAsync();
        await WipeAsync();
        await StartAsync();
    }

    /// <summary>Stops it from answering, while its connections stay open.</summary>
    public void Freeze() => Process?.Freeze();

    /// <summary>Lets it answer again.</summary>
    public void Thaw() => Process?.Thaw();

    /// <inheritdoc/>
    public virtual async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Starts the process that clients talk to.</summary>
    private protected abstract Task<ServerProcess> LaunchAsync();

    /// <summary>Whether it serves.</summary>
    private protected abstract Task<bool> AnswersAsync();

    /// <summary>Deletes its data, while it is down.</summary>
    private protected abstract Task WipeAsync();

    private protected string Log(string name) => Path.Combine(Folder, $"{name}.log");

    /// <summary>Waits for what a process must do once it runs.</summary>
    private protected static async Task UntilAsync(ServerProcess process, Func<Task<bool>> done)
    {
        for (var waited = Stopwatch.StartNew(); !await done(); await Task.Delay(BetweenLooks))
        {
            if (process.HasEnded || waited.Elapsed > Patience)
            {
                throw new InvalidOperationException($"The server did not start: {process.Tail()}");
            }
        }
    }

    /// <summary>The program of a Debian package.</summary>
    /// <exception cref="InvalidOperationException">It is not installed; the message says how to install it.</exception>
    private protected static string Program(string path, string packages) =>
        File.Exists(path)
            ? path
            : throw new InvalidOperationException(
                $"There is no {path}. Install it: apt-get install --no-install-recommends {packages}"
            );

    private void Forget()
    {
        Process?.Dispose();
        Process = null;
    }
}
