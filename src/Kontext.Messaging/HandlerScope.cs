using System.Runtime.Serialization;

namespace Kontext.Messaging;

/// <summary>What a handler runs within.</summary>
/// <param name="Queue">Where its messages come from.</param>
/// <param name="OnFailed">Told of failures.</param>
/// <param name="Ending">Cancelled when the subscription ends.</param>
internal sealed record HandlerScope(string Queue, Action<Exception, string> OnFailed, CancellationToken Ending)
{
    /// <summary>A failure that lasts must not become a loop at full speed.</summary>
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);

    /// <summary>Runs a handler. If it fails, that is said, and the failure goes on after a pause.</summary>
    public async Task RunAsync(Func<Task> handle)
    {
        try
        {
            await handle();
        }
        catch (Exception error) when (!Ending.IsCancellationRequested && error is not SerializationException)
        {
            OnFailed(error, Queue);
            await Task.Delay(PauseAfterFailure, Ending);
            throw;
        }
    }
}
