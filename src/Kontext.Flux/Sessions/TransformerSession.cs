using Kontext.Contracts;
using Kontext.Flux.Bundles;
using Kontext.Flux.Graphs;

namespace Kontext.Flux.Sessions;

/// <summary>
/// The transformer, loaded. What it computes it computes on batches, each with buffers of its own. How many graphs it is, and
/// what they take, is its own affair.
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

    /// <summary>Buffers for a batch of one shape; to be disposed before the session.</summary>
    /// <exception cref="KontextException">There is no memory for them, or the graph takes no such shape.</exception>
    public abstract TransformerBatch Open(BatchShape shape);

    /// <inheritdoc/>
    public abstract void Dispose();
}
