using Kontext.Contracts;
using Kontext.Outbound;
using Kontext.Worker.Devices;
using Kontext.Worker.Engine;
using Kontext.Worker.Lanes;
using Kontext.Worker.Models;
using Kontext.Worker.Tasks;
using Kontext.Worker.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Kontext.Worker;

/// <summary>Adds a worker to a host.</summary>
public static class WorkerServices
{
    /// <summary>Tag of the health checks that say whether tasks are taken.</summary>
    public const string ReadyTag = "ready";

    /// <summary>Tag of the health checks that only a new process can mend.</summary>
    public const string LiveTag = "live";

    /// <summary>
    /// Adds a worker: one device, any set of stages. Storage and messaging must be added before it: so they start earlier
    /// and stop later. Its host's shutdown timeout bounds how long it drains.
    /// </summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.Usage"/>: the options cannot work.</exception>
    public static IServiceCollection AddKontextWorker(this IServiceCollection services, WorkerOptions options)
    {
        options.Validate();
        services.TryAddSingleton(TimeProvider.System);
        services.AddKontextOutbound();
        services.AddSingleton(options);
        services.AddSingleton(new BatchSizes(options.LargestBatch));
        services.AddSingleton(provider =>
        {
            var device = ActivatorUtilities.CreateInstance<DeviceThread>(provider);
            var metrics = provider.GetRequiredService<EngineMetrics>();
            device.Stepped += (_, step) => metrics.Stepped(step);
            return device;
        });
        services.AddSingleton<StageSlots>();
        services.AddSingleton(new DeviceHealth(options.MaxDeviceFailures));
        services.AddSingleton<OpenModel>(bundle =>
            options.StageTime is { } time
                ? new WaitingModel(bundle, time, options.StepTime)
                : new FluxModel(bundle, options.Device, options.Stages)
        );
        services.AddSingleton<LoadedModels>();
        services.AddMetrics();
        services.AddSingleton<WorkerMetrics>();
        services.AddSingleton<EngineMetrics>();
        services.AddSingleton<Patience>();
        services.AddSingleton<RunningTasks>();
        services.AddSingleton<DenoiseInputs>();
        services.AddSingleton<EncodeTaskHandler>();
        services.AddSingleton<DenoiseTaskHandler>();
        services.AddSingleton<DecodeTaskHandler>();
        services.AddSingleton<TaskWork>();
        services.AddSingleton<TaskRunner>();
        services.AddSingleton<LaneSubscriptions>();
        services.AddSingleton<WorkerAnnouncement>();
        services.AddSingleton<WorkerService>();
        services.AddHostedService(provider => provider.GetRequiredService<WorkerService>());
        services
            .AddHealthChecks()
            .AddCheck<WorkerReadyCheck>("worker", tags: [ReadyTag])
            .AddCheck<DeviceThreadCheck>("device", tags: [LiveTag]);
        return services;
    }
}
