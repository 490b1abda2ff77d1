using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Kontext.Servers;

/// <summary>One program of a server, in a process group of its own, that ends with this process at the latest.</summary>
internal sealed class ServerProcess : IDisposable
{
    private readonly Process _process;
    private readonly string _log;

    private ServerProcess(Process process, string log)
    {
        _process = process;
        _log = log;
    }

    /// <summary>Whether it has ended.</summary>
    public bool HasEnded => _process.HasExited;

    /// <summary>What it ended with.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>Memory that it holds, in bytes.</summary>
    public long MemoryBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Starts a program; what it prints goes to the end of a file.</summary>
    public static ServerProcess Start(
        string log,
        IReadOnlyDictionary<string, string> environment,
        string program,
        params IEnumerable<string> arguments
    )
    {
        // setsid makes the group, and its number is that of the process: neither setsid nor exec forks here.
        var start = new ProcessStartInfo(
            "setsid",
            ["bash", "-c", "exec \"$@\" >>\"$0\" 2>&1 </dev/null", log, program, .. arguments]
        )
        {
            UseShellExecute = false,
            WorkingDirectory = Path.GetDirectoryName(log)!,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }
        var process = Process.Start(start)!;
        Reaper.Add(process.Id);
        return new(process, log);
    }

    /// <summary>Runs a program to its end.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message has what it printed.</exception>
    public static async Task RunAsync(string log, string program, params IEnumerable<string> arguments)
    {
        using var process = Start(log, new Dictionary<string, string>(), program, arguments);
        await process._process.WaitForExitAsync();
        Reaper.Forget(process._process.Id);
        if (process._process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} failed: {process.Tail()}");
        }
    }

    /// <summary>Asks it to end, and waits; it is killed if it takes longer than <paramref name="patience"/>.</summary>
    public async Task StopAsync(TimeSpan patience)
    {
        Signal(Terminate);
        using var limit = new CancellationTokenSource(patience);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            // Killed below.
        }
        await KillAsync();
    }

    /// <summary>Kills it and what it started, as a crash would.</summary>
    public async Task KillAsync()
    {
        Signal(Kill);
        await _process.WaitForExitAsync();
        Reaper.Forget(_process.Id);
    }

    /// <summary>Stops it from running, while its connections stay open.</summary>
    public void Freeze() => Signal(Stop);

    /// <summary>Lets it run again.</summary>
    public void Thaw() => Signal(Continue);

    /// <summary>The last lines it printed.</summary>
    public string Tail() =>
        File.Exists(_log) ? string.Join('\n', File.ReadLines(_log).TakeLast(20)) : "it printed nothing";

    public void Dispose() => _process.Dispose();

    private const int Kill = 9;
    private const int Terminate = 15;
    private const int Continue = 18;
    private const int Stop = 19;

    private void Signal(int signal) => _ = SendSignal(-_process.Id, signal);

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int process, int signal);
}
