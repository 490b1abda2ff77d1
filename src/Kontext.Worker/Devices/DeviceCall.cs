using Kontext.Worker.Engine;

namespace Kontext.Worker.Devices;

/// <summary>Work of one turn: to encode, to decode, to load.</summary>
/// <param name="urgency">When it goes before other work.</param>
/// <param name="compute">What to do.</param>
/// <param name="cancellationToken">Withdraws it before its turn.</param>
internal sealed class DeviceCall(Urgency urgency, Action compute, CancellationToken cancellationToken)
    : DeviceWork(urgency, cancellationToken)
{
    /// <inheritdoc/>
    public override BatchKey? Key => null;

    /// <inheritdoc/>
    public override bool IsOver(DateTimeOffset now)
    {
        if (CancellationToken.IsCancellationRequested)
        {
            Withdraw();
            return true;
        }
        return false;
    }

    /// <summary>Takes its turn on the device's thread.</summary>
    public void Run()
    {
        try
        {
            compute();
            Complete();
        }
#pragma warning disable CA1031 // Whatever went wrong belongs to whoever waits for the work; the thread goes on.
        catch (Exception error)
#pragma warning restore CA1031
        {
            Fail(error);
        }
    }
}
