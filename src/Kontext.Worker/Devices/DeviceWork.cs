namespace Kontext.Worker.Devices;

/// <summary>A piece of work for the device, of one turn or many.</summary>
/// <param name="urgency">When it goes before other work.</param>
/// <param name="turn">Does the next turn; true when there is nothing left to do.</param>
/// <param name="cancellationToken">Withdraws it, between turns if it has begun.</param>
internal sealed class DeviceWork(Urgency urgency, Func<bool> turn, CancellationToken cancellationToken)
{
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Urgency Urgency => urgency;

    public CancellationToken CancellationToken => cancellationToken;

    /// <summary>Place in the order of arrival.</summary>
    public long Arrival { get; init; }

    /// <summary>Done, failed or withdrawn.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Takes a turn on the thread that owns the device.</summary>
    /// <returns>Whether it was the last.</returns>
    public bool Turn()
    {
        try
        {
            if (turn())
            {
                _completion.TrySetResult();
                return true;
            }
        }
#pragma warning disable CA1031 // Whatever went wrong belongs to whoever waits for the work; the thread goes on.
        catch (Exception error)
#pragma warning restore CA1031
        {
            _completion.TrySetException(error);
            return true;
        }
        if (cancellationToken.IsCancellationRequested)
        {
            Withdraw();
            return true;
        }
        return false;
    }

    public void Withdraw() =>
        _completion.TrySetCanceled(
            cancellationToken.IsCancellationRequested ? cancellationToken : new CancellationToken(canceled: true)
        );
}
