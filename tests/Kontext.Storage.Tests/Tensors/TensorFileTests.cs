using Kontext.Contracts.Tensors;
using Kontext.Storage.Tensors;

namespace Kontext.Storage.Tests.Tensors;

public sealed class TensorFileTests
{
    private const string Name = "outputs/job/0-1.latents";

    [Fact]
    public void A_tensor_comes_back()
    {
        foreach (var tensor in new[] { HostTensor.Of([1f, -2f, float.NaN], 3, 1), HostTensor.Of([1L, 2L], 2) })
        {
            var read = TensorFile.Read(Name, TensorFile.Write(Name, tensor, "sha256:1"))!;
            (read.DType, string.Join(',', read.Shape)).ShouldBe((tensor.DType, string.Join(',', tensor.Shape)));
            read.Bytes.ToArray().ShouldBe(tensor.Bytes.ToArray());
        }
    }

    [Fact]
    public void Under_another_name_it_is_nothing() =>
        TensorFile.Read("outputs/other/0-1.latents", TensorFile.Write(Name, HostTensor.Of([1f], 1), "")).ShouldBeNull();

    [Fact]
    public void One_byte_changed_anywhere_is_seen()
    {
        var bytes = TensorFile.Write(Name, HostTensor.Of([1f, 2f, 3f], 3), "sha256:1");
        for (var i = 0; i < bytes.Length; i++)
        {
            var damaged = bytes.ToArray();
            damaged[i] ^= 1;
            TensorFile.Read(Name, damaged).ShouldBeNull($"byte {i}");
        }
    }

    [Fact]
    public void No_bytes_are_read_that_were_not_written() =>
        Gen.Byte.Array[0, 400].Sample(bytes => TensorFile.Read(Name, bytes).ShouldBeNull());

    [Fact]
    public void What_is_too_short_or_too_long_is_nothing()
    {
        var bytes = TensorFile.Write(Name, HostTensor.Of([1f, 2f, 3f], 3), "sha256:1");
        for (var length = 0; length < bytes.Length; length++)
        {
            TensorFile.Read(Name, bytes[..length]).ShouldBeNull($"{length} bytes");
        }
        TensorFile.Read(Name, [.. bytes, 0]).ShouldBeNull();
    }
}
