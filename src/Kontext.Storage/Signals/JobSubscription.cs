using System.Threading.Channels;

namespace Kontext.Storage.Signals;

/// <summary>A subscription to one job. Disposing it ends it.</summary>
public sealed class JobSubscription : IAsyncDisposable
{
    private readonly Func<ValueTask> _unsubscribe;

    internal JobSubscription(ChannelReader<JobSignal> signals, Func<ValueTask> unsubscribe)
    {
        Signals = signals;
        _unsubscribe = unsubscribe;
    }

    /// <summary>What happens, in order; when the reader is slow the oldest are dropped.</summary>
    public ChannelReader<JobSignal> Signals { get; }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _unsubscribe();
}
