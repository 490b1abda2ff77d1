using Kontext.Contracts.Tensors;
using Kontext.Flux.Onnx;

namespace Kontext.Flux.Bundles;

/// <summary>
/// Memory that one stage needs for one sample at the model's default size, with one context image of that size.
/// </summary>
/// <remarks>
/// Weights are counted exactly, in the type each graph computes in. Activations are estimated as what the widest layer
/// holds at once, for W×H pixels and s bytes a number:
/// <list type="bullet">
/// <item>denoise: 16 · s · hidden · (text tokens + 2 · W·H/256). A single-stream block holds its input and the modulated
/// copy (2 hidden), query, key, value and output of attention (4), the feed-forward before and after its activation (8) and
/// the sum (2). Attention is computed in tiles; its scores are not stored.</item>
/// <item>encode, decode: the larger of 3 · 4 · c · W·H (input, normalised copy and output of a convolution at full size,
/// where c is the autoencoder's base width, and twice that in the decoder) and 2 · 4 · (W·H/64)² (scores of the attention
/// in the middle, before and after softmax), fp32.</item>
/// </list>
/// </remarks>
/// <param name="Stage">encode, denoise or decode.</param>
/// <param name="Precision">
/// What the device computes in; graphs that do not exist in it compute in fp32, and exported ones in their own.
/// </param>
/// <param name="Weights">Bytes of weights.</param>
/// <param name="Activations">Bytes of activations, estimated.</param>
public sealed record StageMemory(string Stage, GraphPrecision Precision, long Weights, long Activations)
{
    /// <summary>Left for the driver, workspaces and gaps between buffers.</summary>
    private const double Reserve = 0.1;

    /// <summary>Sizes of GPU memory that are sold, in GiB.</summary>
    private static readonly int[] GpuClasses = [8, 12, 16, 24, 32, 48, 80];

    /// <summary>Bytes in all.</summary>
    public long Bytes => Weights + Activations;

    /// <summary>The GPU memories, in GiB, that hold this stage and have a tenth to spare.</summary>
    public IReadOnlyList<int> Fits => [.. GpuClasses.Where(size => Bytes <= (1 - Reserve) * ((long)size << 30))];

    /// <summary>
    /// Every stage that a bundle has all parts of, in every precision; a stage whose largest graph was exported, in that
    /// graph's alone.
    /// </summary>
    public static IReadOnlyList<StageMemory> Of(ModelManifest manifest, IReadOnlyList<PartWeights> weights)
    {
        var parts = weights.ToDictionary(part => part.Part, StringComparer.Ordinal);
        var stages = new List<StageMemory>();
        var autoencoder = parts.GetValueOrDefault("autoencoder");
        if (parts.TryGetValue("t5", out var t5) && parts.TryGetValue("clip", out var clip) && autoencoder is not null)
        {
            Add(
                "encode",
                GraphKind.T5,
                wanted =>
                    WeightBytes(t5.Parameters, GraphKind.T5, wanted)
                    + WeightBytes(clip.Parameters, GraphKind.Clip, wanted)
                    + WeightBytes(autoencoder.EncoderParameters, GraphKind.ContextEncoder, wanted),
                _ => AutoencoderActivations(manifest, autoencoder.BaseChannels)
            );
        }
        if (parts.TryGetValue("transformer", out var transformer))
        {
            Add(
                "denoise",
                GraphKind.Transformer,
                // Weights in 8 bits stay so: their blocks are widened as they are multiplied.
                wanted =>
                    transformer.Types is [DType.U8, ..]
                        ? transformer.Bytes
                        : WeightBytes(transformer.Parameters, GraphKind.Transformer, wanted),
                precision => TransformerActivations(manifest, precision)
            );
        }
        if (autoencoder is not null)
        {
            var parameters = autoencoder.Parameters - autoencoder.EncoderParameters;
            Add(
                "decode",
                GraphKind.Decoder,
                wanted => WeightBytes(parameters, GraphKind.Decoder, wanted),
                _ => AutoencoderActivations(manifest, 2 * autoencoder.BaseChannels)
            );
        }
        return stages;

        void Add(
            string stage,
            GraphKind largest,
            Func<Precision, long> weightBytes,
            Func<GraphPrecision, long> activations
        )
        {
            var export = manifest.Export(largest);
            foreach (var wanted in export is null ? Enum.GetValues<Precision>() : [Onnx.Precision.Float32])
            {
                var precision = export?.Precision ?? wanted.OfGraph();
                stages.Add(new(stage, precision, weightBytes(wanted), activations(precision)));
            }
        }

        long WeightBytes(long count, GraphKind graph, Precision wanted) =>
            count * (manifest.Export(graph)?.Precision ?? graph.Computes(wanted).OfGraph()).WeightBits() / 8;
    }

    /// <summary>Bytes that a step's activations take for each token of each row.</summary>
    public static long StepBytesPerToken(ModelManifest manifest, GraphPrecision precision)
    {
        const int Widths = 16;
        return Widths * (long)manifest.Transformer!.HiddenSize * precision.ActivationBytes();
    }

    private static long TransformerActivations(ModelManifest manifest, GraphPrecision precision)
    {
        const int TextTokens = 512;
        const int PixelsPerToken = 256;
        var size = manifest.Sampling.DefaultSize;
        var tokens = (manifest.T5?.MaxTokens ?? TextTokens) + (2L * size.Width * size.Height / PixelsPerToken);
        return tokens * StepBytesPerToken(manifest, precision);
    }

    private static long AutoencoderActivations(ModelManifest manifest, long channels)
    {
        var pixels = (long)manifest.Sampling.DefaultSize.Width * manifest.Sampling.DefaultSize.Height;
        var places = pixels / (manifest.Autoencoder!.PixelsPerLatent * (long)manifest.Autoencoder.PixelsPerLatent);
        return sizeof(float) * Math.Max(3 * channels * pixels, 2 * places * places);
    }
}
