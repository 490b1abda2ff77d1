using System.Runtime.InteropServices;
using Kontext.Contracts;
using Kontext.Flux.Bundles;
using Kontext.Flux.Graphs;
using Microsoft.ML.OnnxRuntime;

namespace Kontext.Flux.Sessions;

/// <summary>Sizes that all rows of a batch share.</summary>
/// <param name="Batch">Rows.</param>
/// <param name="TextTokens">Tokens of the prompt.</param>
/// <param name="TargetTokens">Tokens of the image being made.</param>
/// <param name="ContextTokens">Tokens of all context images.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct BatchShape(int Batch, int TextTokens, int TargetTokens, int ContextTokens)
{
    /// <summary>Tokens of a row.</summary>
    public int AllTokens => TextTokens + TargetTokens + ContextTokens;
}

/// <summary>
/// The transformer: <see cref="Prepare"/> once for a batch of samples, then <see cref="Step"/> as often as needed.
/// Inputs are filled through the spans this class gives; what the prepare graph computes stays on the device.
/// </summary>
internal sealed class TransformerSession : IDisposable
{
    private readonly TransformerConfig _config;
    private readonly GraphSession _prepare;
    private readonly GraphSession _step;
    private IDisposableReadOnlyCollection<OrtValue>? _prepared;

    /// <summary>Loads both graphs.</summary>
    /// <exception cref="KontextException">The bundle lacks them, or the device cannot run or hold them.</exception>
    public TransformerSession(ModelBundle bundle, Device device)
    {
        _config = bundle.Transformer;
        var precision = device.Options.EffectivePrecision;
        var graphs = SideBySide.Open(
            () => GraphSession.Load(bundle.GraphPath(GraphKind.TransformerPrepare, precision), device),
            () => GraphSession.Load(bundle.GraphPath(GraphKind.Transformer, precision), device)
        );
        (_prepare, _step) = ((GraphSession)graphs[0], (GraphSession)graphs[1]);
    }

    /// <summary>The transformer's sizes.</summary>
    public TransformerConfig Config => _config;

    /// <summary>[batch, text tokens, text width], for <see cref="Prepare"/>.</summary>
    public Span<float> Text(BatchShape shape) =>
        _prepare.Input<float>("encoder_hidden_states", shape.Batch, shape.TextTokens, _config.TextWidth);

    /// <summary>[batch, vector width], for <see cref="Prepare"/>.</summary>
    public Span<float> Pooled(BatchShape shape) =>
        _prepare.Input<float>("pooled_projections", shape.Batch, _config.VectorWidth);

    /// <summary>[batch], for <see cref="Prepare"/>; empty if the model takes no guidance.</summary>
    public Span<float> Guidance(BatchShape shape) =>
        _config.GuidanceEmbedding ? _prepare.Input<float>("guidance", shape.Batch) : [];

    /// <summary>[batch, context tokens, channels], for <see cref="Prepare"/>.</summary>
    public Span<float> Context(BatchShape shape) =>
        _prepare.Input<float>("context", shape.Batch, shape.ContextTokens, _config.InChannels);

    /// <summary>Cosines [batch, all tokens, head/2], for <see cref="Step"/>.</summary>
    public Span<float> RotaryCos(BatchShape shape) => Rotary("rotary_cos", shape);

    /// <summary>Sines [batch, all tokens, head/2], for <see cref="Step"/>.</summary>
    public Span<float> RotarySin(BatchShape shape) => Rotary("rotary_sin", shape);

    /// <summary>[batch, target tokens, channels], for <see cref="Step"/>.</summary>
    public Span<float> Latents(BatchShape shape) =>
        _step.Input<float>("hidden_states", shape.Batch, shape.TargetTokens, _config.InChannels);

    /// <summary>Sigmas [batch], for <see cref="Step"/>.</summary>
    public Span<float> Timesteps(BatchShape shape) => _step.Input<float>("timestep", shape.Batch);

    /// <summary>Computes what is constant over the steps of these samples.</summary>
    public void Prepare()
    {
        _prepared?.Dispose();
        _prepared = _prepare.RunOnDevice();
        _step.Input("text_tokens", _prepared[0]);
        _step.Input("context_tokens", _prepared[1]);
        _step.Input("vector", _prepared[2]);
    }

    /// <summary>Predicts the velocity of every row.</summary>
    /// <returns>[batch, target tokens, channels], valid until the next call.</returns>
    public ReadOnlySpan<float> Step(BatchShape shape)
    {
        var sample = _step.Output("sample", shape.Batch, shape.TargetTokens, _config.InChannels);
        _step.Run();
        return sample;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _prepared?.Dispose();
        _step.Dispose();
        _prepare.Dispose();
    }

    private Span<float> Rotary(string name, BatchShape shape) =>
        _step.Input<float>(name, shape.Batch, shape.AllTokens, _config.HiddenSize / _config.Heads / 2);
}
