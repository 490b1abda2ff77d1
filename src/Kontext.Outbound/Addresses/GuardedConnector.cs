using System.Net;
using System.Net.Sockets;
using Kontext.Contracts;

namespace Kontext.Outbound.Addresses;

/// <summary>
/// Makes the connections of requests that strangers caused. It resolves the name itself and connects to the very address that it
/// has checked: a name that answers differently when it is asked again gains nothing.
/// </summary>
internal sealed class GuardedConnector(IHostResolver resolver, AddressPolicy policy)
{
    /// <summary>Connects, as <see cref="SocketsHttpHandler.ConnectCallback"/> does.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.UrlForbidden"/>: none of its addresses is allowed.</exception>
    /// <exception cref="SocketException">The name has no address, or nobody listens there.</exception>
    public async ValueTask<Stream> ConnectAsync(
        SocketsHttpConnectionContext context,
        CancellationToken cancellationToken
    )
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var addresses = IPAddress.TryParse(host, out var literal)
            ? [literal]
            : await resolver.ResolveAsync(host, cancellationToken);
        IPAddress[] allowed = [.. addresses.Where(address => policy.Allows(address, port))];
        if (allowed.Length == 0)
        {
            throw Forbidden(host, port);
        }
        SocketException? refused = null;
        foreach (var address in allowed)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, port), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException error)
            {
                socket.Dispose();
                refused = error;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
        throw refused!;
    }

    /// <summary>Does not say what the name resolves to: that is nobody's business outside.</summary>
    private static KontextException Forbidden(string host, int port) =>
        new(ErrorCode.UrlForbidden, $"'{host}:{port}' is not at an address and port where requests may go.");
}
