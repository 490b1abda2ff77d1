using System.Net;
using Kontext.Contracts;
using Kontext.Storage.Tenants;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Kontext.Gateway.Tenants;

/// <summary>
/// As long as there are no tenants, nobody needs a key, so nobody but this machine is served: a gateway that would listen
/// beyond loopback does not start.
/// </summary>
internal sealed class LoopbackOnly(TenantDirectory tenants, IConfiguration configuration) : IHostedService
{
    private volatile bool _hasEnded;

    /// <summary>
    /// Whether there are no tenants. Once there has been one it never holds again in this process: tenants that vanish open
    /// nothing.
    /// </summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>.</exception>
    public async ValueTask<bool> HoldsAsync(CancellationToken cancellationToken)
    {
        if (!_hasEnded && await tenants.AnyAsync(cancellationToken))
        {
            _hasEnded = true;
        }
        return !_hasEnded;
    }

    /// <exception cref="KontextException"><see cref="ErrorCode.ConfigurationInvalid"/>: it would listen for others.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (
            Urls(configuration).FirstOrDefault(url => !IsLoopback(url)) is { } open
            && await HoldsAsync(cancellationToken)
        )
        {
            throw new KontextException(
                ErrorCode.ConfigurationInvalid,
                $"There are no tenants, so only loopback may be listened on, not '{open}': "
                    + "create one with 'kontext tenant create NAME', or listen on http://127.0.0.1:PORT."
            );
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Whether only this machine reaches an address.</summary>
    internal static bool IsLoopback(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri)
        && (
            string.Equals(uri.Host, "localhost", StringComparison.OrdinalIgnoreCase)
            || uri.Host == "unix"
            || (IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address))
        );

    /// <summary>Kestrel's own section comes before all else that says where to listen.</summary>
    private static IEnumerable<string> Urls(IConfiguration configuration)
    {
        string[] endpoints =
        [
            .. configuration
                .GetSection("Kestrel:Endpoints")
                .GetChildren()
                .Select(endpoint => endpoint["Url"])
                .OfType<string>(),
        ];
        return endpoints.Length > 0
            ? endpoints
            : (configuration["urls"] ?? "").Split(
                ';',
                StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries
            );
    }
}
