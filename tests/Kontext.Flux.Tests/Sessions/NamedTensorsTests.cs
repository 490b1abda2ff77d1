using System.Runtime.InteropServices;
using Kontext.Contracts;
using Kontext.Contracts.Tensors;
using Kontext.Flux.Bundles;
using Kontext.Flux.Sessions;
using Kontext.Flux.Tests.Bundles;

namespace Kontext.Flux.Tests.Sessions;

public sealed class NamedTensorsTests
{
    [Fact]
    public void Sixteen_bit_values_are_widened()
    {
        float[] values = [0f, -1.5f, 0.25f, float.PositiveInfinity];
        Half[] halves = [.. values.Select(value => (Half)value)];
        ushort[] upper = [.. values.Select(value => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16))];
        var given = new NamedTensors(
            new Dictionary<string, HostTensor>
            {
                ["f32"] = HostTensor.Of(values, 4),
                ["f16"] = new(DType.F16, [4], MemoryMarshal.AsBytes<Half>(halves).ToArray()),
                ["bf16"] = new(DType.BF16, [4], MemoryMarshal.AsBytes<ushort>(upper).ToArray()),
                ["f64"] = HostTensor.Zeros(DType.F64, 4),
            }
        );
        foreach (var name in (string[])["f32", "f16", "bf16"])
        {
            given.Floats(name, 4).ShouldBe(values);
        }
        Refusal(() => given.Floats("f64", 4)).ShouldContain("'f64' is F64[4], but must be F32, F16 or BF16");
    }

    [Fact]
    public void Ids_of_either_width_are_taken_within_the_vocabulary()
    {
        var given = new NamedTensors(
            new Dictionary<string, HostTensor>
            {
                ["long"] = HostTensor.Of([0L, 9L], 2),
                ["int"] = new(DType.I32, [2], MemoryMarshal.AsBytes<int>([0, 9]).ToArray()),
                ["negative"] = new(DType.I32, [1], MemoryMarshal.AsBytes<int>([-1]).ToArray()),
            }
        );
        given.Ids("long", 10, 2).ShouldBe([0L, 9L]);
        given.Ids("int", 10, 2).ShouldBe([0L, 9L]);
        Refusal(() => given.Ids("long", 9, 2)).ShouldContain("outside 0…8");
        Refusal(() => given.Ids("negative", 9, 1)).ShouldContain("outside 0…8");
    }

    [Fact]
    public void A_named_dimension_keeps_the_extent_it_first_had()
    {
        var given = new NamedTensors(
            new Dictionary<string, HostTensor>
            {
                ["a"] = HostTensor.Zeros(DType.F32, 2, 3),
                ["b"] = HostTensor.Zeros(DType.F32, 3, 3),
                ["none"] = HostTensor.Zeros(DType.F32, 0, 3),
            }
        );
        given.Floats("a", "batch", 3).Length.ShouldBe(6);
        given["batch"].ShouldBe(2);
        Refusal(() => given.Floats("b", "batch", 3)).ShouldContain("'b' is F32[3, 3], but must be [batch = 2, 3]");
        Refusal(() => given.Floats("a", "rows")).ShouldContain("must be [rows]");
        Refusal(() => given.Floats("none", "empty", 3)).ShouldContain("'none' is F32[0, 3]");
        Refusal(() => given.Floats("c", 1)).ShouldContain("'c' is missing; given are a, b, none");
    }

    private static string Refusal(Action action)
    {
        var refusal = Should.Throw<KontextException>(action);
        refusal.Code.ShouldBe(ErrorCode.InputInvalid);
        return refusal.Message;
    }
}
