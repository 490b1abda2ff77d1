using System.Net;
using System.Net.Sockets;

namespace Kontext.Outbound.Addresses;

/// <summary>
/// Which addresses belong to the public internet. The rest is this machine, its network, or nobody: what a stranger's URL
/// must not reach. After the special-purpose registries of IANA (RFC 6890).
/// </summary>
internal static class PublicAddress
{
    private const int NatPrefixBytes = 12;

    private static readonly IPNetwork[] Special4 =
    [
        IPNetwork.Parse("0.0.0.0/8"), // this host
        IPNetwork.Parse("10.0.0.0/8"), // private
        IPNetwork.Parse("100.64.0.0/10"), // shared by a provider's customers
        IPNetwork.Parse("127.0.0.0/8"), // loopback
        IPNetwork.Parse("168.63.129.16/32"), // Azure's own services, for its machines
        IPNetwork.Parse("169.254.0.0/16"), // link-local, with the metadata of clouds
        IPNetwork.Parse("172.16.0.0/12"), // private
        IPNetwork.Parse("192.0.0.0/24"), // protocol assignments
        IPNetwork.Parse("192.0.2.0/24"), // documentation
        IPNetwork.Parse("192.88.99.0/24"), // 6to4 relays
        IPNetwork.Parse("192.168.0.0/16"), // private
        IPNetwork.Parse("198.18.0.0/15"), // benchmarks
        IPNetwork.Parse("198.51.100.0/24"), // documentation
        IPNetwork.Parse("203.0.113.0/24"), // documentation
        IPNetwork.Parse("224.0.0.0/3"), // multicast, reserved, broadcast
    ];

    /// <summary>All that has been given out for unicast; loopback, link-local, unique local and multicast lie outside.</summary>
    private static readonly IPNetwork Global6 = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] Special6 =
    [
        IPNetwork.Parse("2001::/23"), // protocol assignments, with Teredo, which hides an IPv4 address
        IPNetwork.Parse("2001:db8::/32"), // documentation
        IPNetwork.Parse("2002::/16"), // 6to4, which hides an IPv4 address
        IPNetwork.Parse("3fff::/20"), // documentation
    ];

    /// <summary>NAT64 (RFC 6052): the last four bytes are the IPv4 address that is meant.</summary>
    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");

    /// <summary>Whether anybody on the internet can reach it.</summary>
    public static bool Is(IPAddress address)
    {
        address = Plain(address);
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return !Special4.Any(network => network.Contains(address));
        }
        return Nat64.Contains(address)
            ? Is(new(address.GetAddressBytes().AsSpan(NatPrefixBytes)))
            : Global6.Contains(address) && !Special6.Any(network => network.Contains(address));
    }

    /// <summary>The address that is meant: IPv4 in the clothes of IPv6 (<c>::ffff:a.b.c.d</c>) is IPv4, and a scope says nothing.</summary>
    public static IPAddress Plain(IPAddress address) =>
        address.IsIPv4MappedToIPv6 ? address.MapToIPv4()
        : address.AddressFamily == AddressFamily.InterNetworkV6 ? new(address.GetAddressBytes())
        : address;
}
