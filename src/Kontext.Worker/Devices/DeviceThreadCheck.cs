using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Kontext.Worker.Devices;

/// <summary>Whether the device's thread lives and comes back from its turns; where it does not, only a new process helps.</summary>
internal sealed class DeviceThreadCheck(DeviceThread device) : IHealthCheck
{
    /// <summary>A step takes seconds on the slowest device; loading a model or building a TensorRT engine takes minutes.</summary>
    private static readonly TimeSpan LongestTurn = TimeSpan.FromMinutes(20);

    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context,
        CancellationToken cancellationToken = default
    ) =>
        Task.FromResult(
            !device.IsAlive ? HealthCheckResult.Unhealthy("The device's thread has ended.")
            : device.CurrentTurn > LongestTurn
                ? HealthCheckResult.Unhealthy($"The device has not answered for {device.CurrentTurn}.")
            : HealthCheckResult.Healthy()
        );
}
