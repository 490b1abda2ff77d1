using System.CommandLine;
using Kontext.Cli.Serve;
using Kontext.Contracts;
using Kontext.Contracts.Tenants;
using Kontext.Storage;
using Kontext.Storage.Tenants;
using Microsoft.Extensions.DependencyInjection;

namespace Kontext.Cli.Tenants;

/// <summary>
/// The tenants of a cluster, or of a server that keeps everything in its folder: found by the same configuration as that of
/// <c>kontext serve</c>, whether it runs or not.
/// </summary>
internal sealed class TenantAccess : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly ServeServers _servers;

    private TenantAccess(ServiceProvider services, ServeServers servers) => (_services, _servers) = (services, servers);

    /// <summary>The tenants.</summary>
    public TenantStore Store => _services.GetRequiredService<TenantStore>();

    /// <summary>Their accounts.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ConfigurationInvalid"/>: only the server itself reaches them.</exception>
    public TenantUsage Usage =>
        _servers.Redis is not null
            ? _services.GetRequiredService<TenantUsage>()
            : throw new KontextException(
                ErrorCode.ConfigurationInvalid,
                "Accounts are in Redis, and ConnectionStrings__Redis is not set; a server without Redis has them in its own "
                    + "process: ask it with --server URL and the tenant's key in KONTEXT_API_KEY."
            );

    /// <summary>The option that says where a server without object store keeps everything.</summary>
    public static Option<string?> DataOption() =>
        Options.Text(
            "--data",
            "DIR",
            "The server's --data, where no object store is configured. Default: ~/.kontext/serve."
        );

    /// <summary>Opens what the configuration names.</summary>
    /// <param name="data">Value of <see cref="DataOption"/>.</param>
    /// <exception cref="KontextException"><see cref="ErrorCode.ConfigurationInvalid"/>.</exception>
    public static TenantAccess Open(string? data)
    {
        var configuration = ServeHost.CreateBuilder().Configuration;
        var servers = ServeServers.Of(configuration);
        var folder = Path.GetFullPath(string.IsNullOrWhiteSpace(data) ? DataFolder.Default : data);
        if (servers.ObjectStore is null)
        {
            DataFolder.Create(folder);
        }
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddKontextStorage(configuration, folder);
        return new(services.BuildServiceProvider(), servers);
    }

    /// <summary>A tenant.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.TenantNotFound"/>.</exception>
    public async Task<Tenant> GetAsync(string id, CancellationToken cancellationToken) =>
        await Store.FindAsync(id, cancellationToken)
        ?? throw new KontextException(ErrorCode.TenantNotFound, $"There is no tenant '{id}'.");

    /// <summary>Changes a tenant.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.TenantNotFound"/>.</exception>
    public async Task<Tenant> ChangeAsync(string id, Func<Tenant, Tenant> change, CancellationToken cancellationToken)
    {
        var tenant = change(await GetAsync(id, cancellationToken));
        await Store.SaveAsync(tenant, cancellationToken);
        return tenant;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
