using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Kontext.Storage;

/// <summary>Adds everything in this project to a host.</summary>
public static class StorageServices
{
    /// <summary>
    /// Adds <see cref="Jobs.JobRecords"/>, <see cref="Jobs.Claims"/>, <see cref="Workers.WorkerDirectory"/>, <see cref="Signals.JobSignals"/>,
    /// <see cref="Tensors.SharedTensors"/>, <see cref="Objects.IObjectStore"/> and <see cref="TenantKeys"/>. What is configured
    /// is used; what is not is embedded: Garnet in this process for Redis, a folder under <paramref name="dataFolder"/> for the object store.
    /// A server that is wrong or does not answer is named when the host starts.
    /// </summary>
    public static IServiceCollection AddKontextStorage(
        this IServiceCollection services,
        IConfiguration configuration,
        string dataFolder
    ) => throw new NotSupportedException();
}
