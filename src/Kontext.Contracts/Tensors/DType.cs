namespace Kontext.Contracts.Tensors;

/// <summary>Element type of a tensor, as safetensors files name it.</summary>
public enum DType
{
    /// <summary>One byte, zero or one.</summary>
    Bool,

    /// <summary>Unsigned 8-bit integer.</summary>
    U8,

    /// <summary>Signed 8-bit integer.</summary>
    I8,

    /// <summary>Signed 16-bit integer.</summary>
    I16,

    /// <summary>Unsigned 16-bit integer.</summary>
    U16,

    /// <summary>IEEE half precision.</summary>
    F16,

    /// <summary>Brain floating point: the upper half of a single.</summary>
    BF16,

    /// <summary>Signed 32-bit integer.</summary>
    I32,

    /// <summary>Unsigned 32-bit integer.</summary>
    U32,

    /// <summary>IEEE single precision.</summary>
    F32,

    /// <summary>IEEE double precision.</summary>
    F64,

    /// <summary>Signed 64-bit integer.</summary>
    I64,

    /// <summary>Unsigned 64-bit integer.</summary>
    U64,

    /// <summary>8-bit floating point, 4 exponent and 3 mantissa bits.</summary>
    F8E4M3,

    /// <summary>8-bit floating point, 5 exponent and 2 mantissa bits.</summary>
    F8E5M2,
}

/// <summary>Sizes and names of element types.</summary>
public static class DTypes
{
    /// <summary>Bytes per element.</summary>
    public static int Size(this DType dtype) =>
        dtype switch
        {
            DType.Bool or DType.U8 or DType.I8 or DType.F8E4M3 or DType.F8E5M2 => 1,
            DType.I16 or DType.U16 or DType.F16 or DType.BF16 => 2,
            DType.I32 or DType.U32 or DType.F32 => 4,
            _ => 8,
        };

    /// <summary>The name in a safetensors header, such as <c>BF16</c>.</summary>
    public static string Name(this DType dtype) =>
        dtype switch
        {
            DType.Bool => "BOOL",
            DType.F8E4M3 => "F8_E4M3",
            DType.F8E5M2 => "F8_E5M2",
            _ => dtype.ToString(),
        };

    /// <summary>Finds the type of a safetensors name.</summary>
    public static bool TryParse(string name, out DType dtype)
    {
        foreach (var candidate in Enum.GetValues<DType>())
        {
            if (string.Equals(candidate.Name(), name, StringComparison.Ordinal))
            {
                dtype = candidate;
                return true;
            }
        }
        dtype = default;
        return false;
    }
}
