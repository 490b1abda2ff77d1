using System.Diagnostics.Metrics;
using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Telemetry;

namespace Kontext.Gateway.Telemetry;

/// <summary>Counts what is asked for: docs/metrics.md.</summary>
internal sealed class GatewayMetrics
{
    private readonly TenantLabels _tenants;
    private readonly Counter<long> _accepted;
    private readonly Counter<long> _refused;

    public GatewayMetrics(IMeterFactory meters, TenantLabels tenants)
    {
        _tenants = tenants;
        var meter = meters.Kontext();
        _accepted = meter.CreateCounter<long>(MetricNames.JobsAccepted, "{job}", "Jobs that a gateway accepted.");
        _refused = meter.CreateCounter<long>(MetricNames.JobsRefused, "{job}", "Jobs that a gateway refused.");
    }

    /// <summary>A job is accepted.</summary>
    public void Accepted(JobSpec spec) =>
        _accepted.Add(
            1,
            MetricLabels.Tenant(_tenants.Of(spec.Tenant)),
            MetricLabels.Model(spec.Model),
            MetricLabels.Of(spec.Priority)
        );

    /// <summary>A job was refused.</summary>
    public void Refused(string tenant, ErrorCode code) =>
        _refused.Add(1, MetricLabels.Tenant(_tenants.Of(tenant)), MetricLabels.Code(code.Name));
}
