using System.Net;

namespace Kontext.Outbound.Addresses;

/// <summary>Finds the addresses of a name.</summary>
internal interface IHostResolver
{
    /// <summary>The addresses that a name has now.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">It has none.</exception>
    Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken);
}
