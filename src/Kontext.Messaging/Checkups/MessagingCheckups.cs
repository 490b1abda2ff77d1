using Kontext.Contracts;
using Kontext.Contracts.Checkups;
using Microsoft.Extensions.Configuration;

namespace Kontext.Messaging.Checkups;

/// <summary>What there is to look at of the broker that a configuration names.</summary>
public static class MessagingCheckups
{
    /// <summary>The checkups; none where queues are in the process.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ConfigurationInvalid"/>: the connection string is not one.</exception>
    public static IReadOnlyList<ICheckup> Of(IConfiguration configuration) =>
        BrokerAddress.Of(configuration) is { } broker ? [new BrokerCheckup(broker)] : [];
}
