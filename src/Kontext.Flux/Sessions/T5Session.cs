using Kontext.Flux.Bundles;
using Kontext.Flux.Graphs;

namespace Kontext.Flux.Sessions;

/// <summary>The T5 encoder: prompt tokens to the sequence the transformer reads.</summary>
internal sealed class T5Session(ModelBundle bundle, Device device) : IDisposable
{
    private readonly T5Config _config = bundle.T5;
    private readonly GraphSession _graph = GraphSession.Load(
        bundle.Graph(GraphKind.T5, device.Options.EffectivePrecision),
        device
    );

    /// <summary>Token ids [batch, tokens] → embeddings [batch, tokens, hidden], valid until the next call.</summary>
    public ReadOnlySpan<float> Run(ReadOnlySpan<long> ids, int batch)
    {
        var tokens = ids.Length / batch;
        ids.CopyTo(_graph.Input<long>("input_ids", batch, tokens));
        var embeddings = _graph.Output("text_embeddings", batch, tokens, _config.HiddenSize);
        _graph.Run();
        return embeddings;
    }

    /// <inheritdoc/>
    public void Dispose() => _graph.Dispose();
}
