using System.Diagnostics;
using System.Text.RegularExpressions;
using Kontext.Servers;

namespace Kontext.Integration.Tests.Telemetry;

/// <summary>The alerts by themselves.</summary>
public sealed partial class AlertTests
{
    private static readonly string Folder = Path.Combine(KontextServer.Repository, "deploy", "prometheus");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static string Alerts => File.ReadAllText(Path.Combine(Folder, "alerts.yml"));

    [Fact]
    public async Task Every_alert_fires_when_it_should_and_is_silent_when_all_is_well()
    {
        var start = new ProcessStartInfo(PrometheusServer.Promtool, ["test", "rules", "alerts.test.yml"])
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var promtool = Process.Start(start)!;
        var said =
            await promtool.StandardOutput.ReadToEndAsync(Token) + await promtool.StandardError.ReadToEndAsync(Token);
        await promtool.WaitForExitAsync(Token);
        promtool.ExitCode.ShouldBe(0, said);

        var tests = File.ReadAllText(Path.Combine(Folder, "alerts.test.yml"));
        foreach (var alert in Alert().Matches(Alerts).Select(match => match.Groups[1].Value))
        {
            tests.ShouldContain(
                $"alertname: {alert}\n        exp_alerts:\n          - exp_labels:",
                Case.Sensitive,
                alert
            );
            tests.ShouldContain($"alertname: {alert}\n        exp_alerts: []", Case.Sensitive, alert);
        }
    }

    [Fact]
    public void Every_alert_has_its_runbook_and_every_runbook_its_alert()
    {
        var page = File.ReadAllText(Path.Combine(KontextServer.Repository, "docs", "runbooks.md"));
        var sections = Heading()
            .Matches(page)
            .Select(heading => heading.Groups[1].Value.ToLowerInvariant().Replace(' ', '-'));
        var links = Runbook().Matches(Alerts).Select(link => link.Groups[1].Value).Distinct();
        links.Order().ShouldBe(sections.Order());
        foreach (var alert in Alert().Matches(Alerts).Select(match => match.Groups[1].Value))
        {
            page.ShouldContain($"`{alert}`");
        }
    }

    [GeneratedRegex(@"- alert: (\w+)")]
    private static partial Regex Alert();

    [GeneratedRegex(@"runbook_url: docs/runbooks\.md#([a-z-]+)")]
    private static partial Regex Runbook();

    [GeneratedRegex("^## (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
