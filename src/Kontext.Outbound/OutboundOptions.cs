using System.Net;

namespace Kontext.Outbound;

/// <summary>Where requests that strangers caused may go; section <c>Outbound</c> of the configuration.</summary>
public sealed record OutboundOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Outbound";

    private static readonly int[] UsualPorts = [80, 443];

    /// <summary>
    /// Networks that are allowed besides the public internet, at any port, such as <c>10.1.0.0/16</c>: for installations whose
    /// images and receivers are in their own network.
    /// </summary>
    /// <value>None.</value>
    public IReadOnlyList<string> AllowedNetworks { get; init; } = [];

    /// <summary>Ports of the public internet that are allowed.</summary>
    /// <value>Null: 80 and 443.</value>
    public IReadOnlyList<int>? AllowedPorts { get; init; }

    /// <summary>Downloads at a time; more wait.</summary>
    /// <value>32: a gigabyte if all are as large as allowed.</value>
    public int MaxDownloads { get; init; } = 32;

    /// <summary>The longest that one download may take, redirects included.</summary>
    /// <value>20 seconds.</value>
    public TimeSpan DownloadTimeout { get; init; } = TimeSpan.FromSeconds(20);

    internal int[] Ports => AllowedPorts is { } ports ? [.. ports] : UsualPorts;

    internal bool IsValid =>
        AllowedNetworks.All(network => IPNetwork.TryParse(network, out _))
        && Ports.All(port => port is > 0 and <= ushort.MaxValue)
        && MaxDownloads > 0
        && DownloadTimeout > TimeSpan.Zero;
}
