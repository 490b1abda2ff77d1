using System.Diagnostics.Metrics;
using Kontext.Contracts.Telemetry;

namespace Kontext.Messaging.Telemetry;

/// <summary>Counts messages that nobody could read: docs/metrics.md.</summary>
internal sealed class MessagingMetrics
{
    private readonly Counter<long> _dead;

    public MessagingMetrics(IMeterFactory meters)
    {
        _dead = meters
            .Kontext()
            .CreateCounter<long>(MetricNames.MessagesDead, "{message}", "Messages that nobody could read.");
        // Shown from the start: of a series that appears with its first case nobody sees it grow.
        _dead.Add(0);
    }

    /// <summary>A message went to the dead letters.</summary>
    public void Dead() => _dead.Add(1);
}
