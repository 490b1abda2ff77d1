using Kontext.Contracts.Tensors;

namespace Kontext.Storage.Tests.Tensors;

/// <summary>Tensors to store.</summary>
internal static class SomeTensors
{
    public static HostTensor Of(int bytes, int seed = 1)
    {
        var elements = new byte[bytes];
        new Random(seed).NextBytes(elements);
        return new(DType.U8, [bytes], elements);
    }

    public static bool AreEqual(HostTensor? a, HostTensor? b) =>
        a is not null
        && b is not null
        && a.DType == b.DType
        && a.Shape.SequenceEqual(b.Shape)
        && a.Bytes.SequenceEqual(b.Bytes);
}
