using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Kontext.Servers;

namespace Kontext.Integration.Tests.Telemetry;

/// <summary>
/// Every expression of every dashboard and alert, asked of a real Prometheus that looks at a live cluster under load.
/// </summary>
[Collection(UsualCluster.Name)]
public sealed partial class DashboardTests(ClusterFixture fixture)
{
    private static readonly string Deploy = Path.Combine(KontextServer.Repository, "deploy");
    private static readonly string Dashboards = Path.Combine(Deploy, "grafana");
    private static readonly string Rules = Path.Combine(Deploy, "prometheus", "alerts.yml");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_expression_of_every_panel_and_alert_finds_what_it_names()
    {
        await using var prometheus = await PrometheusServer.StartNewAsync(
            fixture.Cluster.Processes.Select(process => ($"kontext-{process.Name.Split('-')[0]}", process.Url)),
            Rules
        );
        await WorkAsync();
        var queries = Dashboard.QueriesOf(Dashboards);
        queries.Count.ShouldBeGreaterThan(60);
        // A rate needs two looks, and what is recorded another.
        var silent = queries;
        for (var looks = 0; looks < 60 && silent.Count > 0; looks++)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), Token);
            silent = await SilentAsync(prometheus, silent);
        }
        silent.Select(query => $"{query.Panel}: {query.Expression}").ShouldBeEmpty();
        foreach (var (metric, label) in Dashboard.VariablesOf(Dashboards))
        {
            (await prometheus.LabelsAsync(metric, Token)).ShouldContain(label, metric);
        }
        await CheckRulesAsync(prometheus);
    }

    /// <summary>Alerts are silent where all is well: what they name must be there all the same.</summary>
    private static async Task CheckRulesAsync(PrometheusServer prometheus)
    {
        var rules = await prometheus.RulesAsync(Token);
        rules.Count(rule => rule.GetProperty("type").GetString() == "alerting").ShouldBeGreaterThan(10);
        foreach (var rule in rules)
        {
            var name = rule.GetProperty("name").GetString()!;
            rule.GetProperty("health").GetString().ShouldBe("ok", $"{name}: {rule}");
            foreach (Match selector in Selector().Matches(rule.GetProperty("query").GetString()!))
            {
                var labels = await prometheus.LabelsAsync(selector.Groups[1].Value, Token);
                labels.ShouldNotBeEmpty($"{name} names {selector.Groups[1].Value}");
                foreach (Match label in Label().Matches(selector.Groups[2].Value))
                {
                    labels.ShouldContain(label.Groups[1].Value, $"{name}: {selector.Value}");
                }
            }
        }
    }

    /// <summary>The queries that give nothing, or nothing of what their legends name.</summary>
    private static async Task<IReadOnlyList<PanelQuery>> SilentAsync(
        PrometheusServer prometheus,
        IReadOnlyList<PanelQuery> queries
    )
    {
        List<PanelQuery> silent = [];
        foreach (var query in queries)
        {
            var found = await prometheus.QueryAsync(query.Expression, Token);
            if (
                !found.Any(series =>
                    query.Labels.All(label => series.GetProperty("metric").TryGetProperty(label, out _))
                )
            )
            {
                silent.Add(query);
            }
        }
        return silent;
    }

    /// <summary>A little of everything that can happen to a job.</summary>
    private async Task WorkAsync()
    {
        using var client = fixture.Cluster.Client();
        var jobs = new List<string>();
        string[] priorities = ["interactive", "standard", "batch"];
        for (var i = 0; i < 9; i++)
        {
            jobs.Add(await client.SubmitAsync(Request(i, ("priority", priorities[i % 3])), Token));
        }
        using (var refused = await client.Http.PostAsJsonAsync("v1/jobs", Request(0, ("steps", 100_000)), Token))
        {
            refused.IsSuccessStatusCode.ShouldBeFalse();
        }
        await Task.WhenAll(jobs.Select(job => client.EndAsync(job, Token)));

        // Given back by a worker that goes, and taken up again.
        var slow = await client.SubmitAsync(Request(1, ("steps", 300)), Token);
        string? worker = null;
        while (worker is null)
        {
            await Task.Delay(50, Token);
            worker = await WorkerAsync(client, Running());
        }
        await fixture.Cluster[worker].TerminateAsync();
        await fixture.Cluster[worker].StartAsync();
        JobClient.StatusOf(await client.EndAsync(slow, Token)).ShouldBe("succeeded");

        // Stopped by its deadline while a worker has it, which takes as long as the machine is slow to get there.
        for (var seconds = 2; await WorkerAsync(client, Failed()) is null; seconds *= 2)
        {
            var soon = DateTimeOffset.UtcNow.AddSeconds(seconds).ToString("O", CultureInfo.InvariantCulture);
            var late = await client.SubmitAsync(Request(2, ("steps", 500), ("count", 4), ("deadline", soon)), Token);
            await client.EndAsync(late, Token);
        }
    }

    /// <summary>A denoise worker that says so in its metrics.</summary>
    private async Task<string?> WorkerAsync(JobClient client, Regex says)
    {
        foreach (var worker in fixture.Cluster.Processes.Where(process => process.Name.StartsWith("denoise")))
        {
            var metrics = await client.Http.GetStringAsync(new Uri(worker.Url, "metrics"), Token);
            if (says.IsMatch(metrics))
            {
                return worker.Name;
            }
        }
        return null;
    }

    private JsonObject Request(int index, params (string Name, JsonNode Value)[] more)
    {
        var request = JsonSerializer.SerializeToNode(fixture.Edits.Request(index))!.AsObject();
        foreach (var (name, value) in more)
        {
            request[name] = value;
        }
        return request;
    }

    /// <summary>A series by name, with its matchers.</summary>
    [GeneratedRegex(@"\b((?:\w+:)?(?:kontext|http|up|dotnet)(?:[_:]\w+)*(?::\w+)*)(\{[^}]*\})?(?![\w(])")]
    private static partial Regex Selector();

    [GeneratedRegex(@"(\w+)\s*(?:=~|!~|!=|=)")]
    private static partial Regex Label();

    [GeneratedRegex(@"^kontext_worker_running\{[^}]*\} [1-9]", RegexOptions.Multiline)]
    private static partial Regex Running();

    [GeneratedRegex(@"^kontext_stage_failures_total\{[^}]*\} [1-9]", RegexOptions.Multiline)]
    private static partial Regex Failed();
}
