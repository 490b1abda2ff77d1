using MassTransit;

namespace Kontext.Messaging;

/// <summary>
/// Every message is durable and mandatory: one that no queue takes comes back as a failure of its sending instead of vanishing.
/// </summary>
internal sealed class SendSettings<T>(TimeSpan? timeToLive) : IPipe<SendContext<T>>
    where T : class
{
    public Task Send(SendContext<T> context)
    {
        context.TimeToLive = timeToLive;
        if (context.TryGetPayload<RabbitMqSendContext>(out var rabbit))
        {
            rabbit.Mandatory = true;
        }
        return Task.CompletedTask;
    }

    public void Probe(ProbeContext context) { }
}
