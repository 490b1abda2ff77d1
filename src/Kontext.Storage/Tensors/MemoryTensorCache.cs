using Kontext.Contracts.Tensors;

namespace Kontext.Storage.Tensors;

/// <summary>Tensors in this process, bounded in bytes: what was not read for longest goes first.</summary>
internal sealed class MemoryTensorCache(long capacityBytes, TimeProvider clock) : ITensorCache
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LinkedListNode<Entry>> _entries = [];

    /// <summary>From the one read last to the one read longest ago.</summary>
    private readonly LinkedList<Entry> _byUse = [];

    private long _bytes;

    /// <summary>Bytes of elements held.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
            {
                return _bytes;
            }
        }
    }

    /// <inheritdoc/>
    public Task<HostTensor?> GetAsync(string key, CancellationToken cancellationToken) => Task.FromResult(Find(key));

    /// <inheritdoc/>
    public Task PutAsync(
        string key,
        HostTensor tensor,
        string producer,
        TimeSpan kept,
        CancellationToken cancellationToken
    )
    {
        Put(key, tensor, kept);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task RemoveAsync(string key, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Remove(key);
        }
        return Task.CompletedTask;
    }

    /// <summary>A tensor, or null.</summary>
    public HostTensor? Find(string key)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(key, out var node))
            {
                return null;
            }
            if (clock.GetUtcNow() >= node.Value.Until)
            {
                Remove(key);
                return null;
            }
            node.Value = node.Value with { Until = clock.GetUtcNow() + node.Value.Kept };
            _byUse.Remove(node);
            _byUse.AddFirst(node);
            return node.Value.Tensor;
        }
    }

    /// <summary>Stores a tensor, unless it alone is larger than all there is room for.</summary>
    public void Put(string key, HostTensor tensor, TimeSpan kept)
    {
        lock (_gate)
        {
            Remove(key);
            if (tensor.Memory.Length > capacityBytes)
            {
                return;
            }
            while (_bytes + tensor.Memory.Length > capacityBytes)
            {
                Remove(_byUse.Last!.Value.Key);
            }
            _entries.Add(key, _byUse.AddFirst(new Entry(key, tensor, kept, clock.GetUtcNow() + kept)));
            _bytes += tensor.Memory.Length;
        }
    }

    private void Remove(string key)
    {
        if (_entries.Remove(key, out var node))
        {
            _byUse.Remove(node);
            _bytes -= node.Value.Tensor.Memory.Length;
        }
    }

    private sealed record Entry(string Key, HostTensor Tensor, TimeSpan Kept, DateTimeOffset Until);
}
