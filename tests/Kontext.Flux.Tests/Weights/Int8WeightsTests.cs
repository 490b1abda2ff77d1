using System.Runtime.InteropServices;
using Kontext.Contracts;
using Kontext.Contracts.Tensors;
using Kontext.Flux;
using Kontext.Flux.Stages;
using Kontext.Flux.Weights;

namespace Kontext.Flux.Tests.Weights;

public sealed class Int8WeightsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Random _random = new(7);

    private string Target => _folder["int8"];

    [Fact]
    public void A_matrix_becomes_levels_of_its_shape_and_scales_beside_them()
    {
        Write([new("w.weight", Random(3, 64))]);

        using var file = SafetensorsFile.Open(Target, ErrorCode.Internal);
        file.Tensors.Values.Select(entry => $"{entry}")
            .ShouldBe(["w.weight U8[3, 64]", "w.weight_int8_scale BF16[3, 2]"], ignoreOrder: true);
    }

    [Theory]
    [InlineData(DType.F32)]
    [InlineData(DType.BF16)]
    [InlineData(DType.F16)]
    public void Every_published_type_is_read_as_the_numbers_it_stands_for(DType dtype)
    {
        // Eighths up to 127/8 are exact in all three, and on the grid of the scale 1/8.
        float[] values =
        [
            .. Enumerable.Range(0, 4 * 64).Select(i => i % 32 == 0 ? 127 / 8f : ((i * 37 % 253) - 126) / 8f),
        ];
        Write([new("w.weight", Stored(dtype, values, 4, 64))]);
        Restored("w.weight").ShouldBe(values);
    }

    [Fact]
    public void A_matrix_of_more_weights_than_are_in_memory_at_a_time_is_quantised_throughout()
    {
        var tensor = Random(3, 1 << 20);
        Write([new("w.weight", tensor)]);
        var values = tensor.Floats.ToArray();
        Restored("w.weight").ShouldBeCloseTo(values, 1 / 252f);
    }

    [Fact]
    public void What_is_no_matrix_of_whole_blocks_is_copied_as_it_is()
    {
        var others = new Dictionary<string, HostTensor>
        {
            ["odd.weight"] = Random(4, 40),
            ["w.bias"] = Random(64),
            ["norm.scale"] = Random(64),
            ["table"] = Random(4, 32),
            ["done.weight"] = new(DType.U8, [2, 32], new byte[64]),
            ["cube.weight"] = Random(2, 2, 32),
        };
        Write([.. others, new("w.weight", Random(2, 32))]);

        using var file = SafetensorsFile.Open(Target, ErrorCode.Internal);
        file.Tensors.Keys.ShouldBe([.. others.Keys, "w.weight", "w.weight_int8_scale"], ignoreOrder: true);
        foreach (var (name, tensor) in others)
        {
            file.Read(name).Bytes.ToArray().ShouldBe(tensor.Bytes.ToArray(), name);
        }
    }

    [Fact]
    public void Every_tensor_begins_at_a_multiple_of_its_element()
    {
        Write(
            new("a.weight", Random(3, 32)),
            new("b.bias", Random(3)),
            new("c.bias", Stored(DType.BF16, [1f, 2f, 3f], 3))
        );
        using var file = SafetensorsFile.Open(Target, ErrorCode.Internal);
        file.Tensors.Values.ShouldAllBe(entry => entry.Offset % entry.DType.Size() == 0);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void A_value_that_is_not_finite_is_refused_with_the_names_of_tensor_and_file(float wrong)
    {
        var tensor = Random(2, 32);
        tensor.Floats[40] = wrong;
        var refusal = Should.Throw<KontextException>(() =>
            Write(new("good.weight", Random(2, 32)), new("w.weight", tensor))
        );
        refusal.Code.ShouldBe(ErrorCode.WeightsInvalid);
        refusal.Message.ShouldStartWith(
            $"Tensor w.weight F32[2, 32] of '{_folder["source"]}' holds a value that is infinite"
        );
    }

    [Fact]
    public void A_source_that_is_cut_short_meanwhile_is_named()
    {
        SafetensorsWriter.WriteFile(_folder["source"], [new("w.weight", Random(2, 32))]);
        using var weights = WeightMap.Open(_folder["source"]);
        using (var stream = new FileStream(_folder["source"], FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            stream.SetLength(stream.Length - 1);
        }
        var refusal = Should.Throw<KontextException>(() =>
            Int8Weights.Write(weights, Target, progress: null, CancellationToken.None)
        );
        refusal.Code.ShouldBe(ErrorCode.WeightsInvalid);
        refusal.Message.ShouldBe($"'{_folder["source"]}' ends within tensor w.weight F32[2, 32].");
    }

    [Fact]
    public void Progress_goes_up_to_all_and_a_stop_is_heard()
    {
        SafetensorsWriter.WriteFile(_folder["source"], [new("w.weight", Random(3, 1 << 20)), new("b.bias", Random(8))]);
        using var weights = WeightMap.Open(_folder["source"]);
        using var stop = new CancellationTokenSource();
        var told = new List<WorkProgress>();
        Int8Weights.Write(weights, Target, new Told(told.Add), stop.Token);
        told.Select(progress => progress.Done).ShouldBe([5, 9, 13, 13], ignoreOrder: true);
        told[^1].ShouldBe(new(13, 13));

        Should.Throw<OperationCanceledException>(() =>
            Int8Weights.Write(weights, _folder["other"], new Told(_ => stop.Cancel()), stop.Token)
        );
    }

    public void Dispose() => _folder.Dispose();

    private void Write(params KeyValuePair<string, HostTensor>[] tensors)
    {
        SafetensorsWriter.WriteFile(_folder["source"], tensors);
        using var weights = WeightMap.Open(_folder["source"]);
        Int8Weights.Write(weights, Target, progress: null, CancellationToken.None);
    }

    private float[] Restored(string name)
    {
        using var file = SafetensorsFile.Open(Target, ErrorCode.Internal);
        var levels = file.Read(name).Bytes.ToArray();
        var scales = MemoryMarshal.Cast<byte, ushort>(file.Read(Int8Weights.ScaleName(name)).Bytes).ToArray();
        return
        [
            .. levels.Select(
                (level, i) => (level - Int8Block.ZeroLevel) * Int8Block.ScaleOf(scales[i / Int8Block.Size])
            ),
        ];
    }

    private HostTensor Random(params long[] shape)
    {
        var tensor = HostTensor.Zeros(DType.F32, shape);
        foreach (ref var value in tensor.Floats)
        {
            value = (_random.NextSingle() * 2) - 1;
        }
        return tensor;
    }

    private static HostTensor Stored(DType dtype, float[] values, params long[] shape)
    {
        var bytes = dtype switch
        {
            DType.F16 => values.SelectMany(value => BitConverter.GetBytes((Half)value)),
            DType.BF16 => values.SelectMany(value => BitConverter.GetBytes(value)[2..]),
            _ => values.SelectMany(value => BitConverter.GetBytes(value)),
        };
        return new(dtype, shape, bytes.ToArray());
    }

    private sealed class Told(Action<WorkProgress> tell) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value) => tell(value);
    }
}
