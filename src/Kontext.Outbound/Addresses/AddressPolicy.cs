using System.Net;
using Microsoft.Extensions.Options;

namespace Kontext.Outbound.Addresses;

/// <summary>Where requests that strangers caused may go.</summary>
internal sealed class AddressPolicy(IOptions<OutboundOptions> options)
{
    private readonly IPNetwork[] _allowed = [.. options.Value.AllowedNetworks.Select(text => IPNetwork.Parse(text))];
    private readonly int[] _ports = options.Value.Ports;

    /// <summary>Whether a connection may be made: to the public internet at the usual ports, or to what the operator allows.</summary>
    public bool Allows(IPAddress address, int port)
    {
        address = PublicAddress.Plain(address);
        return _allowed.Any(network => network.Contains(address))
            || (PublicAddress.Is(address) && _ports.Contains(port));
    }
}
