using Kontext.Flux.Bundles;
using Kontext.Flux.Sampling;
using Microsoft.ML.OnnxRuntime;

namespace Kontext.Flux.Sessions;

/// <summary>
/// The transformer as it is written here, in two graphs: what is constant over the steps, and one step. What the first
/// computes stays on the device; rotary tables are computed on the host, once for a batch.
/// </summary>
internal sealed class PreparedTransformer : TransformerSession
{
    private readonly GraphSession _prepare;
    private readonly GraphSession _step;
    private readonly HostBuffer _positions = new();
    private IDisposableReadOnlyCollection<OrtValue>? _prepared;

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
    public override Span<float> Text(BatchShape shape) =>
        _prepare.Input<float>("encoder_hidden_states", shape.Batch, shape.TextTokens, Config.TextWidth);

    /// <inheritdoc/>
    public override Span<float> Pooled(BatchShape shape) =>
        _prepare.Input<float>("pooled_projections", shape.Batch, Config.VectorWidth);

    /// <inheritdoc/>
    public override Span<float> Guidance(BatchShape shape) =>
        Config.GuidanceEmbedding ? _prepare.Input<float>("guidance", shape.Batch) : [];

    /// <inheritdoc/>
    public override Span<float> Context(BatchShape shape) =>
        _prepare.Input<float>("context", shape.Batch, shape.ContextTokens, Config.InChannels);

    /// <inheritdoc/>
    public override Span<float> Positions(BatchShape shape) =>
        _positions.Of(shape.Batch, shape.AllTokens, PositionIds.Axes);

    /// <inheritdoc/>
    public override Span<float> Latents(BatchShape shape) =>
        _step.Input<float>("hidden_states", shape.Batch, shape.TargetTokens, Config.InChannels);

    /// <inheritdoc/>
    public override Span<float> Timesteps(BatchShape shape) => _step.Input<float>("timestep", shape.Batch);

    /// <inheritdoc/>
    public override void Prepare(BatchShape shape)
    {
        var pairs = Config.HiddenSize / Config.Heads / 2;
        var cos = _step.Input<float>("rotary_cos", shape.Batch, shape.AllTokens, pairs);
        var sin = _step.Input<float>("rotary_sin", shape.Batch, shape.AllTokens, pairs);
        var length = shape.AllTokens * pairs;
        for (var row = 0; row < shape.Batch; row++)
        {
            var positions = _positions.Row(row, shape.Batch);
            var table = RotaryTable.Compute(positions, [.. Config.RopeAxes], Config.RopeTheta);
            table.Cos.CopyTo(cos[(row * length)..]);
            table.Sin.CopyTo(sin[(row * length)..]);
        }
        _prepared?.Dispose();
        _prepared = _prepare.RunOnDevice();
        _step.Input("text_tokens", _prepared[0]);
        _step.Input("context_tokens", _prepared[1]);
        _step.Input("vector", _prepared[2]);
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Step(BatchShape shape)
    {
        var sample = _step.Output("sample", shape.Batch, shape.TargetTokens, Config.InChannels);
        _step.Run();
        return sample;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _prepared?.Dispose();
        _step.Dispose();
        _prepare.Dispose();
    }
}
