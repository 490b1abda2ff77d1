using System.Net;
using Kontext.Outbound.Addresses;
using Microsoft.Extensions.Options;

namespace Kontext.Outbound.Tests.Addresses;

public sealed class AddressPolicyTests
{
    [Theory]
    [InlineData("1.1.1.1", 80, true)]
    [InlineData("1.1.1.1", 443, true)]
    [InlineData("1.1.1.1", 22, false)]
    [InlineData("1.1.1.1", 6379, false)]
    [InlineData("10.0.0.1", 80, false)]
    public void Usually_it_is_the_internet_at_its_usual_ports(string address, int port, bool allows) =>
        Policy(new()).Allows(IPAddress.Parse(address), port).ShouldBe(allows);

    [Theory]
    [InlineData("10.1.2.3", 6379, true)]
    [InlineData("::ffff:10.1.2.3", 80, true)]
    [InlineData("10.2.0.1", 80, false)]
    [InlineData("fd12::1", 8080, true)]
    [InlineData("fd13::1", 8080, false)]
    [InlineData("1.1.1.1", 80, true)]
    [InlineData("1.1.1.1", 8080, false)]
    public void An_operator_allows_networks_at_any_port(string address, int port, bool allows) =>
        Policy(new() { AllowedNetworks = ["10.1.0.0/16", "fd12::/16"] })
            .Allows(IPAddress.Parse(address), port)
            .ShouldBe(allows);

    [Theory]
    [InlineData(80, false)]
    [InlineData(8443, true)]
    public void An_operator_names_the_ports(int port, bool allows) =>
        Policy(new() { AllowedPorts = [8443] }).Allows(IPAddress.Parse("1.1.1.1"), port).ShouldBe(allows);

    [Theory]
    [InlineData("AllowedNetworks:0", "10.0.0.0/33")]
    [InlineData("AllowedNetworks:0", "intranet")]
    [InlineData("AllowedPorts:0", "0")]
    [InlineData("MaxDownloads", "0")]
    [InlineData("DownloadTimeout", "00:00:00")]
    public void Settings_that_make_no_sense_are_refused(string key, string value)
    {
        using var guarded = new Guarded((key, value));
        Should.Throw<OptionsValidationException>(() => guarded.Urls);
    }

    private static AddressPolicy Policy(OutboundOptions options) => new(Options.Create(options));
}
