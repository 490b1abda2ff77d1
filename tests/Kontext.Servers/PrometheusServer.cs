using System.Net.Http.Json;
using System.Text.Json;

namespace Kontext.Servers;

/// <summary>Debian's Prometheus, looking at processes every second, with rules if there are any.</summary>
public sealed class PrometheusServer : LocalServer
{
    /// <summary>Where the package has put what checks rules.</summary>
    public const string Promtool = "/usr/bin/promtool";

    private readonly HttpClient _http;

    private PrometheusServer(string configuration)
        : base("prometheus")
    {
        _http = new() { BaseAddress = new($"http://127.0.0.1:{Port}"), Timeout = TimeSpan.FromSeconds(30) };
        File.WriteAllText(Configuration, configuration);
    }

    private string Configuration => Path.Combine(Folder, "prometheus.yml");

    /// <summary>Starts a server.</summary>
    /// <param name="targets">What it looks at: the job that a process is of, and where it listens.</param>
    /// <param name="rules">Files of rules.</param>
    public static async Task<PrometheusServer> StartNewAsync(
        IEnumerable<(string Job, Uri Url)> targets,
        params string[] rules
    )
    {
        var jobs = targets
            .GroupBy(target => target.Job)
            .Select(job =>
                $"  - job_name: {job.Key}\n    static_configs: [{{ targets: [{string.Join(", ", job.Select(target => $"'{target.Url.Authority}'"))}] }}]"
            );
        var server = new PrometheusServer(
            $"""
            global:
              scrape_interval: 1s
              evaluation_interval: 1s
            rule_files: [{string.Join(", ", rules.Select(rule => $"'{rule}'"))}]
            scrape_configs:
            {string.Join('\n', jobs)}

            """
        );
        await server.StartAsync();
        return server;
    }

    /// <summary>What an expression gives now: for each series its labels and its value.</summary>
    /// <exception cref="InvalidOperationException">It is no expression; the message says why.</exception>
    public async Task<IReadOnlyList<JsonElement>> QueryAsync(string expression, CancellationToken cancellationToken)
    {
        var data = await AskAsync($"query?query={Uri.EscapeDataString(expression)}", cancellationToken);
        return data.GetProperty("resultType").GetString() == "vector"
            ? [.. data.GetProperty("result").EnumerateArray()]
            : [data.GetProperty("result")];
    }

    /// <summary>All rules, as it shows them.</summary>
    public async Task<IReadOnlyList<JsonElement>> RulesAsync(CancellationToken cancellationToken) =>
        [
            .. (await AskAsync("rules", cancellationToken))
                .GetProperty("groups")
                .EnumerateArray()
                .SelectMany(group => group.GetProperty("rules").EnumerateArray()),
        ];

    /// <summary>The labels of all series of a name, by their names.</summary>
    public async Task<IReadOnlySet<string>> LabelsAsync(string series, CancellationToken cancellationToken) =>
        (await AskAsync($"labels?match[]={Uri.EscapeDataString(series)}", cancellationToken))
            .EnumerateArray()
            .Select(label => label.GetString()!)
            .ToHashSet();

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _http.Dispose();
    }

    private protected override Task<ServerProcess> LaunchAsync() =>
        Task.FromResult(
            ServerProcess.Start(
                Log("prometheus"),
                new Dictionary<string, string>(),
                Program("/usr/bin/prometheus", "prometheus"),
                $"--config.file={Configuration}",
                $"--storage.tsdb.path={Path.Combine(Folder, "data")}",
                $"--web.listen-address=127.0.0.1:{Port}",
                "--log.level=warn"
            )
        );

    private protected override async Task<bool> AnswersAsync()
    {
        try
        {
            using var answer = await _http.GetAsync("-/ready");
            return answer.IsSuccessStatusCode;
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    private protected override Task WipeAsync()
    {
        Directory.Delete(Path.Combine(Folder, "data"), recursive: true);
        return Task.CompletedTask;
    }

    private async Task<JsonElement> AskAsync(string what, CancellationToken cancellationToken)
    {
        using var answer = await _http.GetAsync($"api/v1/{what}", cancellationToken);
        var json = await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
        return json.GetProperty("status").GetString() == "success"
            ? json.GetProperty("data")
            : throw new InvalidOperationException($"{what}: {json.GetProperty("error")}");
    }
}
