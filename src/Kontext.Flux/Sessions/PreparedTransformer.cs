using Kontext.Flux.Bundles;

namespace Kontext.Flux.Sessions;

/// <summary>
/// The transformer as it is written here, in two graphs: what is constant over the steps, and one step.
/// </summary>
internal sealed class PreparedTransformer : TransformerSession
{
    private readonly GraphSession _prepare;
    private readonly GraphSession _step;

    /// <summary>Loads both graphs.</summary>
    /// <exception cref="Contracts.KontextException">The bundle lacks them, or the device cannot run or hold them.</exception>
    public PreparedTransformer(ModelBundle bundle, Device device)
        : base(bundle.Transformer)
    {
        var precision = device.Options.EffectivePrecision;
        var graphs = SideBySide.Open(
            () => GraphSession.Load(bundle.Graph(GraphKind.TransformerPrepare, precision), device),
            () => GraphSession.Load(bundle.Graph(GraphKind.Transformer, precision), device)
        );
        (_prepare, _step) = ((GraphSession)graphs[0], (GraphSession)graphs[1]);
    }

    /// <inheritdoc/>
    public override TransformerBatch Open(BatchShape shape) =>
        new PreparedBatch(Config, shape, _prepare.WithOwnBuffers(), _step.WithOwnBuffers());

    /// <inheritdoc/>
    public override void Dispose()
    {
        _step.Dispose();
        _prepare.Dispose();
    }
}
