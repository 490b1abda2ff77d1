using Kontext.Contracts.Messages;
using MassTransit;

namespace Kontext.Messaging;

/// <summary>One queue for everything nobody could read, instead of two for every queue there is.</summary>
internal sealed class DeadLetterNames : IErrorQueueNameFormatter, IDeadLetterQueueNameFormatter
{
    public string FormatErrorQueueName(string queueName) => Queues.DeadLetters;

    public string FormatDeadLetterQueueName(string queueName) => Queues.DeadLetters;
}
