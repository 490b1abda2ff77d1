using MassTransit;

namespace Kontext.Messaging;

/// <summary>
/// Gives back what a handler has not done, to be delivered again. What cannot be read goes on to the dead letters: it would
/// come back for ever.
/// </summary>
internal sealed class RedeliveryFilter : IFilter<ExceptionReceiveContext>
{
    public Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next)
    {
        for (var error = context.Exception; error is not null; error = error.InnerException)
        {
            if (error is UnhandledMessageException)
            {
                return Task.FromException(error);
            }
        }
        return next.Send(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("redelivery");
}
