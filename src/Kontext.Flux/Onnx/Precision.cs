using Kontext.Contracts.Tensors;

namespace Kontext.Flux.Onnx;

/// <summary>The floating-point type a graph computes in. How weights are stored is another matter.</summary>
public enum Precision
{
    /// <summary>Single precision: every CPU.</summary>
    Float32,

    /// <summary>Brain floating point, as FLUX.1 was trained: CUDA from Ampere on; ONNX Runtime has no CPU kernels.</summary>
    BFloat16,

    /// <summary>Half precision: older GPUs.</summary>
    Float16,
}

/// <summary>Names of precisions.</summary>
public static class Precisions
{
    /// <summary>The short name used in file names and options: fp32, bf16 or fp16.</summary>
    public static string ShortName(this Precision precision) =>
        precision switch
        {
            Precision.BFloat16 => "bf16",
            Precision.Float16 => "fp16",
            _ => "fp32",
        };

    internal static DType DType(this Precision precision) =>
        precision switch
        {
            Precision.BFloat16 => Kontext.Contracts.Tensors.DType.BF16,
            Precision.Float16 => Kontext.Contracts.Tensors.DType.F16,
            _ => Kontext.Contracts.Tensors.DType.F32,
        };
}
