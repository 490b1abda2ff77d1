using Kontext.Contracts;

namespace Kontext.Messaging;

/// <summary>Where RabbitMQ is.</summary>
/// <param name="Uri">With user, password and virtual host.</param>
internal sealed record BrokerAddress(Uri Uri)
{
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
