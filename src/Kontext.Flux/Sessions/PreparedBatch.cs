using Kontext.Flux.Graphs;
using Kontext.Flux.Sampling;
using Microsoft.ML.OnnxRuntime;

namespace Kontext.Flux.Sessions;

/// <summary>
/// A batch of <see cref="PreparedTransformer"/>. What its first graph computes stays on the device; rotary tables are computed
/// on the host, once for a row.
/// </summary>
internal sealed class PreparedBatch(TransformerConfig config, BatchShape shape, GraphSession prepare, GraphSession step)
    : TransformerBatch(shape)
{
    private readonly HostBuffer _positions = new();
    private IDisposableReadOnlyCollection<OrtValue>? _prepared;

    /// <inheritdoc/>
    public override TimeSpan Computed => step.Computed;

    /// <inheritdoc/>
    public override Span<float> Text =>
        prepare.Input<float>("encoder_hidden_states", Shape.Batch, Shape.TextTokens, config.TextWidth);

    /// <inheritdoc/>
    public override Span<float> Pooled => prepare.Input<float>("pooled_projections", Shape.Batch, config.VectorWidth);

    /// <inheritdoc/>
    public override Span<float> Guidance =>
        config.GuidanceEmbedding ? prepare.Input<float>("guidance", Shape.Batch) : [];

    /// <inheritdoc/>
    public override Span<float> Context =>
        prepare.Input<float>("context", Shape.Batch, Shape.ContextTokens, config.InChannels);

    /// <inheritdoc/>
    public override Span<float> Positions => _positions.Of(Shape.Batch, Shape.AllTokens, PositionIds.Axes);

    /// <inheritdoc/>
    public override Span<float> Latents =>
        step.Input<float>("hidden_states", Shape.Batch, Shape.TargetTokens, config.InChannels);

    /// <inheritdoc/>
    public override Span<float> Timesteps => step.Input<float>("timestep", Shape.Batch);

    /// <inheritdoc/>
    public override void Prepare(IReadOnlyCollection<int> rows)
    {
        var pairs = config.HiddenSize / config.Heads / 2;
        var cos = step.Input<float>("rotary_cos", Shape.Batch, Shape.AllTokens, pairs);
        var sin = step.Input<float>("rotary_sin", Shape.Batch, Shape.AllTokens, pairs);
        foreach (var row in rows)
        {
            var table = RotaryTable.Compute(Row(Positions, row), [.. config.RopeAxes], config.RopeTheta);
            table.Cos.CopyTo(Row(cos, row));
            table.Sin.CopyTo(Row(sin, row));
        }
        var prepared = prepare.RunOnDevice();
        step.Input("text_tokens", prepared[0]);
        step.Input("context_tokens", prepared[1]);
        step.Input("vector", prepared[2]);
        _prepared?.Dispose();
        _prepared = prepared;
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<float> Step()
    {
        var sample = step.Output("sample", Shape.Batch, Shape.TargetTokens, config.InChannels);
        step.Run();
        return sample;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        step.Dispose();
        prepare.Dispose();
        _prepared?.Dispose();
    }
}
