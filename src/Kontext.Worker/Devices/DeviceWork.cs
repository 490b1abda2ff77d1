using Kontext.Worker.Engine;

namespace Kontext.Worker.Devices;

/// <summary>A piece of work for the device.</summary>
/// <param name="urgency">When it goes before other work.</param>
/// <param name="cancellationToken">Withdraws it, between turns if it has begun.</param>
internal abstract class DeviceWork(Urgency urgency, CancellationToken cancellationToken)
{
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Urgency Urgency => urgency;

    public CancellationToken CancellationToken => cancellationToken;

    /// <summary>Place in the order of arrival.</summary>
    public long Arrival { get; set; }

    /// <summary>When it had its last turn, or came.</summary>
    public TimeSpan WaitingSince { get; set; }

    /// <summary>With what it can share a turn; null: with nothing.</summary>
    public abstract BatchKey? Key { get; }

    /// <summary>Done, failed or withdrawn.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Ends it, on the device's thread between two turns, if nobody wants it any more or its time is over.</summary>
    public abstract bool IsOver(DateTimeOffset now);

    /// <summary>Nobody wants it any more.</summary>
    public void Withdraw() =>
        _completion.TrySetCanceled(
            cancellationToken.IsCancellationRequested ? cancellationToken : new CancellationToken(canceled: true)
        );

    /// <summary>It failed.</summary>
    public virtual void Fail(Exception error) => _completion.TrySetException(error);

    /// <summary>It is done.</summary>
    protected void Complete() => _completion.TrySetResult();
}
