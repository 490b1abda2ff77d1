using Kontext.Contracts;
using Kontext.Flux.Graphs;
using Kontext.Flux.Onnx;

namespace Kontext.Flux.Bundles;

/// <summary>Takes exported graphs into a bundle and describes them.</summary>
internal sealed class ExportImport(BundleDraft draft, ImportConfig config)
{
    private readonly SortedDictionary<string, ExportedGraph> _graphs = new(StringComparer.Ordinal);

    /// <summary>All that were taken; null if none was.</summary>
    public IReadOnlyDictionary<string, ExportedGraph>? Graphs => _graphs.Count > 0 ? _graphs : null;

    /// <summary>A T5 encoder.</summary>
    public T5Config T5(string file, PartSource source)
    {
        var (export, graph) = Describe(GraphKind.T5, file);
        var sizes = ExportedSizes.T5(export, graph, config.Hints("t5", source.Configs));
        Take(GraphKind.T5, export, graph);
        return sizes;
    }

    /// <summary>A CLIP text encoder.</summary>
    public ClipConfig Clip(string file, PartSource source)
    {
        var (export, graph) = Describe(GraphKind.Clip, file);
        var sizes = ExportedSizes.Clip(export, graph, config.Hints("clip", source.Configs));
        Take(GraphKind.Clip, export, graph);
        return sizes;
    }

    /// <summary>The transformer.</summary>
    public TransformerConfig Transformer(string file, PartSource source)
    {
        var (export, graph) = Describe(GraphKind.Transformer, file);
        var sizes = ExportedSizes.Transformer(export, config.Hints("transformer", source.Configs));
        Take(GraphKind.Transformer, export, graph);
        return sizes;
    }

    /// <summary>Both halves of the autoencoder.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.InputInvalid"/>: a half is no exported graph.</exception>
    public AutoencoderConfig Autoencoder(PartSource encoderSource, PartSource decoderSource)
    {
        var hints = config.Hints("autoencoder", [.. decoderSource.Configs, .. encoderSource.Configs]);
        var (decoder, decoderGraph) = Describe(GraphKind.Decoder, Export(decoderSource));
        var (encoder, encoderGraph) = Describe(GraphKind.ContextEncoder, Export(encoderSource));
        var sizes = ExportedSizes.Autoencoder(decoder, decoderGraph, hints);
        Take(
            GraphKind.ContextEncoder,
            encoder with
            {
                Latents = ExportedSizes.Latents(encoder.Outputs["latents"], sizes.LatentChannels, hints),
            },
            encoderGraph
        );
        // A decoder takes latents, whatever the encoder tells beside them.
        var form = ExportedSizes.Latents(decoder.Inputs["latents"], sizes.LatentChannels, hints);
        Take(
            GraphKind.Decoder,
            decoder with
            {
                Latents = form == LatentForm.MeanLogVariance ? LatentForm.Plain : form,
            },
            decoderGraph
        );
        return sizes;
    }

    private static string Export(PartSource half) =>
        half.Export
        ?? throw new KontextException(
            ErrorCode.InputInvalid,
            $"'{half.Weights[0]}' is no exported graph; --context-encoder and --decoder take ONNX files or their folders."
        );

    private static (ExportedGraph Export, OnnxFile Graph) Describe(GraphKind kind, string file)
    {
        var graph = OnnxFile.Read(file, ErrorCode.WeightsInvalid);
        return (ExportReader.Describe(kind, graph), graph);
    }

    private void Take(GraphKind kind, ExportedGraph export, OnnxFile graph) =>
        _graphs.Add(kind.Name(), export with { File = draft.AddExport(kind, graph) });
}
