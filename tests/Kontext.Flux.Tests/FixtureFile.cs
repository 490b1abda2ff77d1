using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using Kontext.Contracts.Tensors;

namespace Kontext.Flux.Tests;

/// <summary>The tests' own reader of safetensors fixtures, so that they do not rely on the reader under test.</summary>
internal sealed class FixtureFile(IReadOnlyDictionary<string, FixtureFile.Entry> tensors)
{
    public sealed record Entry(string DType, long[] Shape, byte[] Bytes);

    public IReadOnlyDictionary<string, Entry> Tensors { get; } = tensors;

    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", name);

    public static FixtureFile Load(string name)
    {
        var file = File.ReadAllBytes(PathOf(name));
        var length = checked((int)BinaryPrimitives.ReadUInt64LittleEndian(file));
        using var header = JsonDocument.Parse(file.AsMemory(8, length));
        var tensors = new Dictionary<string, Entry>(StringComparer.Ordinal);
        foreach (var property in header.RootElement.EnumerateObject().Where(p => p.Name != "__metadata__"))
        {
            var offsets = Numbers(property.Value.GetProperty("data_offsets"));
            var bytes = file[(8 + length + (int)offsets[0])..(8 + length + (int)offsets[1])];
            var dtype = property.Value.GetProperty("dtype").GetString()!;
            tensors[property.Name] = new(dtype, Numbers(property.Value.GetProperty("shape")), bytes);
        }
        return new(tensors);
    }

    public float[] Floats(string name) => As<float>(name, "F32");

    public double[] Doubles(string name) => As<double>(name, "F64");

    /// <summary>bfloat16 values, widened.</summary>
    public float[] BFloat16(string name) =>
        [.. As<ushort>(name, "BF16").Select(upper => BitConverter.UInt32BitsToSingle((uint)upper << 16))];

    /// <summary>A tensor to feed to the code under test.</summary>
    public HostTensor Tensor(string name) =>
        DTypes.TryParse(Tensors[name].DType, out var dtype)
            ? new(dtype, Tensors[name].Shape, Tensors[name].Bytes)
            : throw new InvalidOperationException(Tensors[name].DType);

    private T[] As<T>(string name, string dtype)
        where T : struct
    {
        Tensors[name].DType.ShouldBe(dtype);
        return MemoryMarshal.Cast<byte, T>(Tensors[name].Bytes).ToArray();
    }

    private static long[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(e => e.GetInt64())];
}
