namespace Kontext.Messaging;

/// <summary>What a handler runs within.</summary>
/// <param name="Queue">Where its messages come from.</param>
/// <param name="OnFailed">Told of failures.</param>
/// <param name="Ending">Cancelled when the subscription ends.</param>
internal sealed record HandlerScope(string Queue, Action<Exception, string> OnFailed, CancellationToken Ending);
