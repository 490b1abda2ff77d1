using Kontext.Contracts;
using Kontext.Messaging.Telemetry;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Kontext.Messaging;

/// <summary>Adds the message bus to a host.</summary>
public static class MessagingServices
{
    /// <summary>Name of the connection string: <c>amqp://user:password@host:port/virtual-host</c>, amqps for TLS.</summary>
    public const string ConnectionName = "RabbitMq";

    /// <summary>
    /// Adds <see cref="IMessageBus"/>: RabbitMQ where <c>ConnectionStrings:RabbitMq</c> is set, else queues in this process.
    /// The host does not start unless the broker answers.
    /// </summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ConfigurationInvalid"/>: the connection string is not one.</exception>
    public static IServiceCollection AddKontextMessaging(this IServiceCollection services, IConfiguration configuration)
    {
        var broker = configuration.GetConnectionString(ConnectionName) is { Length: > 0 } address
            ? BrokerAddress.Parse(address)
            : null;
        if (broker is not null)
        {
            // Before MassTransit, which would try for ever and say little.
            services.AddHostedService(_ => new BrokerCheck(broker));
        }
        // What fails is logged where it is handled, once, in words of this program.
        services.AddLogging(logging => logging.AddFilter("MassTransit", LogLevel.Critical));
        services.AddMassTransit(registration =>
        {
            registration.DisableUsageTelemetry();
            if (broker is null)
            {
                registration.UsingInMemory((_, bus) => Configure(bus));
                return;
            }
            registration.UsingRabbitMq(
                (_, bus) =>
                {
                    bus.Host(broker.Uri, "kontext");
                    Configure(bus);
                }
            );
        });
        services.AddMetrics();
        services.AddSingleton<MessagingMetrics>();
        return services.AddSingleton<IMessageBus, MassTransitBus>();
    }

    private static void Configure(IBusFactoryConfigurator bus)
    {
        var names = new DeadLetterNames();
        bus.SendTopology.ErrorQueueNameFormatter = names;
        bus.SendTopology.DeadLetterQueueNameFormatter = names;
        // The body is our own form and nothing else; its type travels in a header.
        bus.UseRawJsonSerializer(RawSerializerOptions.AddTransportHeaders, isDefault: true);
        bus.ConfigureJsonSerializerOptions(_ => WireOptions.Json);
    }
}
