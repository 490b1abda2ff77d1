using System.Net;
using System.Runtime.CompilerServices;

namespace Kontext.Servers;

/// <summary>One process of the program itself, <c>kontext serve</c>, as built beside the tests.</summary>
public sealed class KontextServer : LocalServer
{
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(2);

    /// <summary>The time that Kubernetes gives, and a container's default is shorter than.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    private readonly string[] _arguments;
    private readonly Dictionary<string, string> _environment;
    private readonly HttpClient _health;

    /// <summary>A process that has not been started.</summary>
    /// <param name="name">What to call it in logs.</param>
    /// <param name="environment">Its configuration.</param>
    /// <param name="arguments">What follows <c>kontext serve</c>, besides <c>--urls</c> and <c>--data</c>.</param>
    public KontextServer(string name, IReadOnlyDictionary<string, string> environment, params string[] arguments)
        : base(name)
    {
        Name = name;
        _arguments = arguments;
        _environment = new(environment) { ["HOME"] = Folder };
        Url = new($"http://127.0.0.1:{Port}");
        _health = new() { BaseAddress = Url, Timeout = AnswerTimeout };
    }

    /// <summary>What it is called.</summary>
    public string Name { get; }

    /// <summary>Where it listens.</summary>
    public Uri Url { get; }

    /// <summary>Whether its process runs.</summary>
    public bool IsRunning => Process is { HasEnded: false };

    /// <summary>What the next start runs: another build of the program, say.</summary>
    public string Binary { get; set; } = Executable;

    /// <summary>Set in the environment of the next start only.</summary>
    public string? CrashAt { get; set; }

    /// <summary>The end of what it has printed.</summary>
    public string Tail => Process?.Tail() ?? "it does not run";

    /// <summary>The folder of the repository that the tests were built from.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>The program.</summary>
    public static string Executable { get; } =
        Path.Combine(Repository, "src", "Kontext.Cli", "bin", "Release", "net10.0", "kontext");

    /// <summary>Where it keeps what it must keep over restarts when it runs without servers.</summary>
    public string Data => Path.Combine(Folder, "data");

    /// <summary>Starts it again if it has died by itself.</summary>
    /// <returns>Whether it had.</returns>
    public async Task<bool> ReviveAsync()
    {
        if (IsRunning)
        {
            return false;
        }
        await RestartAsync();
        return true;
    }

    /// <summary>Memory that it holds, in bytes.</summary>
    public long MemoryBytes => Process?.MemoryBytes ?? 0;

    /// <summary>Asks it to stop, as an orchestrator does, and waits for as long as one would.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> TerminateAsync()
    {
        var process = Process ?? throw new InvalidOperationException($"{Name} does not run.");
        await process.StopAsync(Grace);
        var code = process.ExitCode;
        await KillAsync();
        return code;
    }

    /// <summary>Waits until it is ready for work: it answers before its worker has loaded the model, and refuses jobs until then.</summary>
    public async Task UntilReadyAsync(CancellationToken cancellationToken)
    {
        while (!await IsReadyAsync())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
        }
    }

    /// <summary>Whether it says that it is ready for work.</summary>
    public Task<bool> IsReadyAsync() => AnswersAsync("healthz/ready");

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _health.Dispose();
    }

    private protected override Task<ServerProcess> LaunchAsync()
    {
        var environment = new Dictionary<string, string>(_environment);
        if (CrashAt is { } point)
        {
            environment["KONTEXT_CRASH_AT"] = point;
            CrashAt = null;
        }
        return Task.FromResult(
            ServerProcess.Start(
                Log(Name),
                environment,
                Binary,
                ["serve", .. _arguments, "--urls", $"http://127.0.0.1:{Port}", "--data", Data]
            )
        );
    }

    private protected override Task<bool> AnswersAsync() => AnswersAsync("healthz/live");

    private protected override Task WipeAsync()
    {
        Directory.Delete(Data, recursive: true);
        return Task.CompletedTask;
    }

    private async Task<bool> AnswersAsync(string path)
    {
        try
        {
            using var answer = await _health.GetAsync(path);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    private static string FindRepository([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));
}
