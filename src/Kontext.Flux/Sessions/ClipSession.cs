using Kontext.Flux.Bundles;
using Kontext.Flux.Graphs;

namespace Kontext.Flux.Sessions;

/// <summary>The CLIP text encoder: prompt tokens to one vector.</summary>
internal sealed class ClipSession(ModelBundle bundle, Device device) : IDisposable
{
    private readonly ClipConfig _config = bundle.Clip;
    private readonly GraphSession _graph = GraphSession.Load(
        bundle.Graph(GraphKind.Clip, device.Options.EffectivePrecision),
        device
    );

    /// <summary>Token ids [batch, tokens] → pooled vectors [batch, hidden], valid until the next call.</summary>
    public ReadOnlySpan<float> Run(ReadOnlySpan<long> ids, int batch)
    {
        ids.CopyTo(_graph.Input<long>("input_ids", batch, ids.Length / batch));
        var pooled = _graph.Output("pooled_embeddings", batch, _config.HiddenSize);
        _graph.Run();
        return pooled;
    }

    /// <inheritdoc/>
    public void Dispose() => _graph.Dispose();
}
