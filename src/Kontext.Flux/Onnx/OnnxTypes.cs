using Kontext.Contracts.Tensors;

namespace Kontext.Flux.Onnx;

/// <summary>Element types as ONNX numbers them (<c>TensorProto.DataType</c>).</summary>
internal static class OnnxTypes
{
    private static readonly (DType DType, int Number)[] Numbers =
    [
        (DType.F32, 1),
        (DType.U8, 2),
        (DType.I8, 3),
        (DType.U16, 4),
        (DType.I16, 5),
        (DType.I32, 6),
        (DType.I64, 7),
        (DType.Bool, 9),
        (DType.F16, 10),
        (DType.F64, 11),
        (DType.U32, 12),
        (DType.U64, 13),
        (DType.BF16, 16),
        (DType.F8E4M3, 17),
        (DType.F8E5M2, 19),
    ];

    /// <summary>The types of 8-bit floating point: E4M3 and E5M2, each with and without a negative zero.</summary>
    public static bool IsFloat8(int number) => number is >= 17 and <= 20;

    /// <summary>The types of 4 bits: signed and unsigned integers, and floating point.</summary>
    public static bool Is4Bit(int number) => number is 21 or 22 or Float4;

    /// <summary>Floating point of 4 bits, E2M1.</summary>
    public const int Float4 = 23;

    /// <summary>The number of a type.</summary>
    public static int NumberOf(DType dtype) => Numbers.Single(pair => pair.DType == dtype).Number;

    /// <summary>The type of a number; null if safetensors files have no such type.</summary>
    public static DType? TypeOf(int number)
    {
        var found = Array.FindIndex(Numbers, pair => pair.Number == number);
        return found < 0 ? null : Numbers[found].DType;
    }
}
