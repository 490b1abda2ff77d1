using Kontext.Contracts;
using Microsoft.Extensions.Configuration;

namespace Kontext.Messaging;

/// <summary>Where RabbitMQ is.</summary>
/// <param name="Uri">With user, password and virtual host.</param>
internal sealed record BrokerAddress(Uri Uri)
{
    /// <summary>Who connects; RabbitMQ's default where the address names nobody.</summary>
    public string User => Uri.UserInfo.Split(':')[0] is { Length: > 0 } user ? Uri.UnescapeDataString(user) : "guest";

    /// <summary>The virtual host.</summary>
    public string VirtualHost =>
        Uri.AbsolutePath.Length > 1 ? Uri.UnescapeDataString(Uri.AbsolutePath.TrimStart('/')) : "/";

    /// <summary>The one configured, or null.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ConfigurationInvalid"/>.</exception>
    public static BrokerAddress? Of(IConfiguration configuration) =>
        configuration.GetConnectionString(MessagingServices.ConnectionName) is { Length: > 0 } address
            ? Parse(address)
            : null;

    /// <summary>Reads a connection string.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ConfigurationInvalid"/>.</exception>
    public static BrokerAddress Parse(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "amqp" or "amqps" && uri.Host.Length > 0
            ? new(uri)
            : throw new KontextException(
                ErrorCode.ConfigurationInvalid,
                $"ConnectionStrings:{MessagingServices.ConnectionName} must be like amqp://user:password@host:5672."
            );

    /// <summary>Without the password.</summary>
    public override string ToString() =>
        $"{Uri.Scheme}://{Uri.Host}:{(Uri.Port > 0 ? Uri.Port : 5672)}{Uri.AbsolutePath}";
}
