using Kontext.Flux.Onnx;

namespace Kontext.Flux.Bundles;

/// <summary>The ONNX graphs of a bundle.</summary>
internal enum GraphKind
{
    /// <summary>Prompt tokens to text embeddings.</summary>
    T5,

    /// <summary>Prompt tokens to the pooled vector.</summary>
    Clip,

    /// <summary>Image to latents.</summary>
    ContextEncoder,

    /// <summary>Latents to image.</summary>
    Decoder,

    /// <summary>What is constant over the steps.</summary>
    TransformerPrepare,

    /// <summary>One denoising step.</summary>
    Transformer,
}

/// <summary>Names and precisions of graphs.</summary>
internal static class GraphKinds
{
    /// <summary>The name on the command line and in file names.</summary>
    public static string Name(this GraphKind kind) =>
        kind switch
        {
            GraphKind.T5 => "t5",
            GraphKind.Clip => "clip",
            GraphKind.ContextEncoder => "context-encoder",
            GraphKind.Decoder => "decoder",
            GraphKind.TransformerPrepare => "transformer-prepare",
            _ => "transformer",
        };

    /// <summary>
    /// The precisions a graph exists in. CLIP is small and the autoencoder overflows half precision: both stay in
    /// single. T5's feed-forward overflows half precision too, but bfloat16 has the range.
    /// </summary>
    public static IReadOnlyList<Precision> Precisions(this GraphKind kind) =>
        kind switch
        {
            GraphKind.T5 => [Precision.Float32, Precision.BFloat16],
            GraphKind.Transformer or GraphKind.TransformerPrepare =>
            [
                Precision.Float32,
                Precision.BFloat16,
                Precision.Float16,
            ],
            _ => [Precision.Float32],
        };

    /// <summary>The file of a graph where the device computes in <paramref name="wanted"/>.</summary>
    public static string FileName(this GraphKind kind, Precision wanted) =>
        $"{kind.Name()}.{kind.Computes(wanted).ShortName()}.onnx";

    /// <summary>What a graph computes in where the device computes in <paramref name="wanted"/>.</summary>
    public static Precision Computes(this GraphKind kind, Precision wanted) =>
        kind.Precisions().Contains(wanted) ? wanted : Precision.Float32;
}
