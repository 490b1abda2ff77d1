namespace Kontext.Flux.Onnx;

/// <summary>
/// What a graph computes in that another program wrote: as exporters work, the type of most of its weights where they are
/// used, or that of its quantised products.
/// </summary>
public enum GraphPrecision
{
    /// <summary>Single precision.</summary>
    Float32,

    /// <summary>Brain floating point; ONNX Runtime has no CPU kernels.</summary>
    BFloat16,

    /// <summary>Half precision.</summary>
    Float16,

    /// <summary>Floating point of 8 bits, which TensorRT alone computes in.</summary>
    Float8,

    /// <summary>Floating point of 4 bits, which TensorRT alone computes in.</summary>
    Float4,
}

/// <summary>Names and sizes of what exported graphs compute in.</summary>
public static class GraphPrecisions
{
    /// <summary>The short name: fp32, bf16, fp16, fp8 or fp4.</summary>
    public static string ShortName(this GraphPrecision precision) =>
        precision switch
        {
            GraphPrecision.BFloat16 => "bf16",
            GraphPrecision.Float16 => "fp16",
            GraphPrecision.Float8 => "fp8",
            GraphPrecision.Float4 => "fp4",
            _ => "fp32",
        };

    /// <summary>The same of one of this program's own graphs.</summary>
    internal static GraphPrecision OfGraph(this Precision precision) =>
        precision switch
        {
            Precision.BFloat16 => GraphPrecision.BFloat16,
            Precision.Float16 => GraphPrecision.Float16,
            _ => GraphPrecision.Float32,
        };

    /// <summary>Bits that a weight takes.</summary>
    internal static int WeightBits(this GraphPrecision precision) =>
        precision switch
        {
            GraphPrecision.Float4 => 4,
            GraphPrecision.Float8 => 8,
            GraphPrecision.Float32 => 32,
            _ => 16,
        };

    /// <summary>Bytes that an activation takes: what is quantised is so within a product only.</summary>
    internal static int ActivationBytes(this GraphPrecision precision) => precision == GraphPrecision.Float32 ? 4 : 2;
}
