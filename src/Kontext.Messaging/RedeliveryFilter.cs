using System.Runtime.Serialization;
using MassTransit;

namespace Kontext.Messaging;

/// <summary>
/// Gives back what a handler has not done, to be delivered again. What cannot be read goes on to the dead letters: it would
/// come back for ever.
/// </summary>
internal sealed class RedeliveryFilter(Action<Exception> onUnreadable) : IFilter<ExceptionReceiveContext>
{
    public Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        for (var error = context.Exception; error is not null; error = error.InnerException)
        {
            if (error is SerializationException)
            {
                onUnreadable(error);
                return next.Send(context);
            }
        }
        return Task.FromException(context.Exception);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("redelivery");
}
