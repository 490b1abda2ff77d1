using Kontext.Contracts;
using Kontext.Flux.Bundles;
using Kontext.Flux.Onnx;

namespace Kontext.Flux.Sessions;

/// <summary>
/// The transformer as exporters write it, in one graph: target and context tokens are one sequence, positions are inputs,
/// and the velocity is that of all tokens.
/// </summary>
internal sealed class ExportedTransformer : TransformerSession
{
    private readonly GraphSession _graph;
    private readonly ExportedGraph _export;

    /// <summary>Loads the graph.</summary>
    /// <exception cref="KontextException">
    /// <see cref="ErrorCode.PrecisionUnsupported"/>: it computes in another precision than is asked for. The device cannot
    /// run or hold it.
    /// </exception>
    public ExportedTransformer(ModelBundle bundle, Device device)
        : base(bundle.Transformer)
    {
        var graph = bundle.Graph(GraphKind.Transformer, device.Options.EffectivePrecision);
        _export = graph.Export!;
        if (device.Options.Precision is { } asked && asked.OfGraph() != graph.Precision)
        {
            throw new KontextException(
                ErrorCode.PrecisionUnsupported,
                $"'{graph.Path}' was exported in {graph.Precision.ShortName()} and cannot compute in {asked.ShortName()}."
            );
        }
        _graph = GraphSession.Load(graph, device);
    }

    /// <inheritdoc/>
    public override TransformerBatch Open(BatchShape shape) =>
        new ExportedBatch(Config, _export, shape, _graph.WithOwnBuffers());

    /// <inheritdoc/>
    public override void Dispose() => _graph.Dispose();
}
