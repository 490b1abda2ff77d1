using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Kontext.Worker;

/// <summary>Ready means: the models are loaded and tasks are taken.</summary>
internal sealed class WorkerReadyCheck(WorkerService worker) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context,
        CancellationToken cancellationToken = default
    ) =>
        Task.FromResult(
            worker.State == WorkerState.Accepting
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Unhealthy($"The worker is not taking tasks: {worker.State}.")
        );
}
