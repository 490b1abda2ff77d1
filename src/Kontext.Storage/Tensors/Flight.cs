using Kontext.Contracts.Tensors;

namespace Kontext.Storage.Tensors;

/// <summary>
/// One making of tensors that several callers in this process wait for. It goes on for as long as one of them waits.
/// Callers join and leave under the lock of whoever keeps the flights.
/// </summary>
internal sealed class Flight(Func<CancellationToken, Task<IReadOnlyList<HostTensor>>> make) : IDisposable
{
    private readonly CancellationTokenSource _abandoned = new();
    private Task<IReadOnlyList<HostTensor>>? _making;
    private int _callers;

    /// <summary>One more waits.</summary>
    public Task<IReadOnlyList<HostTensor>> Join()
    {
        _callers++;
        return _making ??= make(_abandoned.Token);
    }

    /// <summary>One fewer waits.</summary>
    /// <returns>Whether it was the last, with whom the flight ends.</returns>
    public bool Leave()
    {
        if (--_callers > 0)
        {
            return false;
        }
        _abandoned.Cancel();
        return true;
    }

    public void Dispose() => _abandoned.Dispose();
}
