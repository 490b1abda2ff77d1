using Kontext.Flux.Sessions;

namespace Kontext.Flux.Stages;

/// <summary>
/// Batches by shape: groups that take turns find their buffers, and what lies in them, as they left them. The least recently
/// used go first when there are too many.
/// </summary>
internal sealed class BatchPool(TransformerSession transformer) : IDisposable
{
    /// <summary>
    /// Values of the inputs of all batches together, half a GiB in single precision: four pictures of a megapixel with a
    /// context each, or hundreds of small ones. One batch may be larger.
    /// </summary>
    private const long MostValues = 128L << 20;

    /// <summary>Most recently used last.</summary>
    private readonly List<(BatchShape Shape, DenoiseBatch Batch)> _batches = [];

    private TimeSpan _computedBefore;

    /// <summary>Time that the runtime has computed steps in all.</summary>
    public TimeSpan Computed => _batches.Aggregate(_computedBefore, (sum, entry) => sum + entry.Batch.Computed);

    /// <summary>The batch of a shape.</summary>
    /// <exception cref="Contracts.KontextException">There is no memory for it, or the graph takes no such shape.</exception>
    public DenoiseBatch this[BatchShape shape]
    {
        get
        {
            var at = _batches.FindLastIndex(entry => entry.Shape == shape);
            if (at >= 0 && at == _batches.Count - 1)
            {
                return _batches[at].Batch;
            }
            var entry = at >= 0 ? _batches[at] : (shape, new(transformer.Open(shape)));
            if (at >= 0)
            {
                _batches.RemoveAt(at);
            }
            _batches.Add(entry);
            while (_batches.Count > 1 && _batches.Sum(one => Values(one.Shape)) > MostValues)
            {
                Remove(0);
            }
            return entry.Batch;
        }
    }

    /// <summary>Forgets a sample that does not come again.</summary>
    public void Forget(DenoiseSample sample)
    {
        foreach (var (_, batch) in _batches)
        {
            batch.Forget(sample);
        }
    }

    /// <summary>Frees all buffers; samples take their latents with them.</summary>
    public void Clear()
    {
        while (_batches.Count > 0)
        {
            Remove(0);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Clear();

    private void Remove(int at)
    {
        var batch = _batches[at].Batch;
        _batches.RemoveAt(at);
        _computedBefore += batch.Computed;
        batch.Dispose();
    }

    /// <summary>Text and context before and after their projection, rotary tables, latents and velocity.</summary>
    private long Values(BatchShape shape)
    {
        var config = transformer.Config;
        return (long)shape.Batch
            * (
                ((long)shape.TextTokens * (config.TextWidth + config.HiddenSize))
                + ((long)shape.ContextTokens * (config.InChannels + config.HiddenSize))
                + ((long)shape.AllTokens * (config.HiddenSize / config.Heads))
                + (2L * shape.TargetTokens * config.InChannels)
            );
    }
}
