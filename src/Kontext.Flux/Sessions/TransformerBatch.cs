using Kontext.Contracts;

namespace Kontext.Flux.Sessions;

/// <summary>
/// Buffers of a batch: <see cref="Prepare"/> when rows have changed, then <see cref="Step"/> as often as needed. Inputs are
/// filled through the spans this class gives, and stay until they are filled again.
/// </summary>
internal abstract class TransformerBatch : IDisposable
{
    /// <summary>Buffers of one shape.</summary>
    protected TransformerBatch(BatchShape shape) => Shape = shape;

    /// <summary>The shape.</summary>
    public BatchShape Shape { get; }

    /// <summary>Time that the runtime has computed steps in all.</summary>
    public abstract TimeSpan Computed { get; }

    /// <summary>[batch, text tokens, text width], for <see cref="Prepare"/>.</summary>
    public abstract Span<float> Text { get; }

    /// <summary>[batch, vector width], for <see cref="Prepare"/>.</summary>
    public abstract Span<float> Pooled { get; }

    /// <summary>[batch], for <see cref="Prepare"/>; empty if the model takes no guidance.</summary>
    public abstract Span<float> Guidance { get; }

    /// <summary>[batch, context tokens, channels], for <see cref="Prepare"/>.</summary>
    public abstract Span<float> Context { get; }

    /// <summary>Coordinates [batch, all tokens, 3] of text, target and contexts, for <see cref="Prepare"/>.</summary>
    public abstract Span<float> Positions { get; }

    /// <summary>[batch, target tokens, channels], for <see cref="Step"/>, which leaves them as they are.</summary>
    public abstract Span<float> Latents { get; }

    /// <summary>Sigmas [batch], for <see cref="Step"/>.</summary>
    public abstract Span<float> Timesteps { get; }

    /// <summary>Computes what is constant over the steps.</summary>
    /// <param name="rows">The rows that have been filled since the last time; the first time, all.</param>
    /// <exception cref="KontextException">The device failed or ran out of memory.</exception>
    public abstract void Prepare(IReadOnlyCollection<int> rows);

    /// <summary>Predicts the velocity of every row.</summary>
    /// <returns>[batch, target tokens, channels], valid until the next call.</returns>
    /// <exception cref="KontextException">The device failed or ran out of memory.</exception>
    public abstract ReadOnlySpan<float> Step();

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>One row of a buffer of the batch.</summary>
    public Span<float> Row(Span<float> batch, int row)
    {
        var length = batch.Length / Shape.Batch;
        return batch.Slice(row * length, length);
    }
}
