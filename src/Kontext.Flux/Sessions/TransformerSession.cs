using Kontext.Contracts;
using Kontext.Flux.Bundles;
using Kontext.Flux.Graphs;

namespace Kontext.Flux.Sessions;

/// <summary>
/// The transformer: <see cref="Prepare"/> once for a batch of samples, then <see cref="Step"/> as often as needed.
/// Inputs are filled through the spans this class gives. How many graphs it is, and what they take, is its own affair.
/// </summary>
internal abstract class TransformerSession : IDisposable
{
    /// <summary>A session on a model of these sizes.</summary>
    protected TransformerSession(TransformerConfig config) => Config = config;

    /// <summary>The transformer's sizes.</summary>
    public TransformerConfig Config { get; }

    /// <summary>Loads a bundle's transformer, written here or exported.</summary>
    /// <exception cref="KontextException">The bundle lacks it, or the device cannot run or hold it.</exception>
    public static TransformerSession Load(ModelBundle bundle, Device device) =>
        bundle.Manifest.Export(GraphKind.Transformer) is null
            ? new PreparedTransformer(bundle, device)
            : new ExportedTransformer(bundle, device);

    /// <summary>[batch, text tokens, text width], for <see cref="Prepare"/>.</summary>
    public abstract Span<float> Text(BatchShape shape);

    /// <summary>[batch, vector width], for <see cref="Prepare"/>.</summary>
    public abstract Span<float> Pooled(BatchShape shape);

    /// <summary>[batch], for <see cref="Prepare"/>; empty if the model takes no guidance.</summary>
    public abstract Span<float> Guidance(BatchShape shape);

    /// <summary>[batch, context tokens, channels], for <see cref="Prepare"/>.</summary>
    public abstract Span<float> Context(BatchShape shape);

    /// <summary>Coordinates [batch, all tokens, 3] of text, target and contexts, for <see cref="Prepare"/>.</summary>
    public abstract Span<float> Positions(BatchShape shape);

    /// <summary>[batch, target tokens, channels], for <see cref="Step"/>.</summary>
    public abstract Span<float> Latents(BatchShape shape);

    /// <summary>Sigmas [batch], for <see cref="Step"/>.</summary>
    public abstract Span<float> Timesteps(BatchShape shape);

    /// <summary>Computes what is constant over the steps of these samples.</summary>
    /// <exception cref="KontextException">The device failed or ran out of memory.</exception>
    public abstract void Prepare(BatchShape shape);

    /// <summary>Predicts the velocity of every row.</summary>
    /// <returns>[batch, target tokens, channels], valid until the next call.</returns>
    /// <exception cref="KontextException">The device failed or ran out of memory.</exception>
    public abstract ReadOnlySpan<float> Step(BatchShape shape);

    /// <inheritdoc/>
    public abstract void Dispose();
}
