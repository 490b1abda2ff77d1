using Kontext.Contracts;
using Kontext.Storage.Objects;
using Kontext.Storage.Redis;
using Microsoft.Extensions.Hosting;

namespace Kontext.Storage.Startup;

/// <summary>Reaches every server when the host starts, so that a wrong setting is told then and not by the first job.</summary>
internal sealed class StorageStartup(RedisServers redis, IObjectStore objects) : IHostedService
{
    /// <exception cref="KontextException">A server does not answer or is not set up right; the message names it.</exception>
    public Task StartAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(
            RedisCheck.RunAsync(redis.Records, holdsRecords: true, cancellationToken),
            RedisCheck.RunAsync(redis.Tensors, holdsRecords: false, cancellationToken),
            objects.EnsureExistsAsync(cancellationToken)
        );

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
