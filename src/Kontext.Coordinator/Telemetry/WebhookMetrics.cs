using System.Diagnostics.Metrics;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Telemetry;
using Kontext.Coordinator.Webhooks;

namespace Kontext.Coordinator.Telemetry;

/// <summary>Counts attempts to tell of the ends of jobs: docs/metrics.md.</summary>
internal sealed class WebhookMetrics
{
    private readonly Counter<long> _attempts;

    public WebhookMetrics(IMeterFactory meters)
    {
        _attempts = meters
            .Kontext()
            .CreateCounter<long>(MetricNames.WebhookAttempts, "{attempt}", "Attempts to tell of a job's end.");
        // Shown from the start: of a series that appears with its first case nobody sees it grow.
        foreach (var result in Enum.GetValues<WebhookResult>())
        {
            _attempts.Add(0, MetricLabels.Result(result));
        }
    }

    /// <summary>An attempt was made.</summary>
    public void Attempted(WebhookAnswer answer, WebhookDue? next) =>
        _attempts.Add(1, MetricLabels.Result(ResultOf(answer, next)));

    private static WebhookResult ResultOf(WebhookAnswer answer, WebhookDue? next) =>
        answer.IsTaken ? WebhookResult.Taken
        : next is null ? WebhookResult.GivenUp
        : answer.IsForbidden ? WebhookResult.Forbidden
        : WebhookResult.Failed;
}
