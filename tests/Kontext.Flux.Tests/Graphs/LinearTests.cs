using Google.Protobuf;
using Kontext.Contracts;
using Kontext.Contracts.Tensors;
using Kontext.Flux.Graphs;
using Kontext.Flux.Onnx;
using Kontext.Flux.Weights;
using Microsoft.ML.OnnxRuntime;

namespace Kontext.Flux.Tests.Graphs;

public sealed class LinearTests : IDisposable
{
    private const int Rows = 5;
    private const int Inputs = 96;
    private const int Outputs = 40;

    /// <summary>Sums of a hundred products near 1, added in another order.</summary>
    private const float Tolerance = 2e-5f;

    private readonly TemporaryFolder _folder = new();
    private readonly Random _random = new(3);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void In_8_bits_it_is_what_it_is_with_the_weights_those_stand_for(bool hasBias)
    {
        var parts = new Dictionary<string, HostTensor> { ["layer.weight"] = Random(Outputs, Inputs) };
        if (hasBias)
        {
            parts["layer.bias"] = Random(Outputs);
        }
        SafetensorsWriter.WriteFile(_folder["full"], [.. parts]);
        using var full = WeightMap.Open(_folder["full"]);
        Int8Weights.Write(full, _folder["int8"], progress: null, CancellationToken.None);
        using var quantised = WeightMap.Open(_folder["int8"]);
        parts["layer.weight"] = Restored(_folder["int8"]);
        SafetensorsWriter.WriteFile(_folder["restored"], [.. parts]);
        using var restored = WeightMap.Open(_folder["restored"]);

        var x = Random(Rows, Inputs).Floats.ToArray();
        var result = Run(quantised, x);
        result.ShouldBeCloseTo(Run(restored, x), Tolerance);
        // And not what it is with the weights as they were, or this would compare nothing.
        result.Zip(Run(full, x), (a, b) => Math.Abs(a - b)).Max().ShouldBeGreaterThan(100 * Tolerance);
    }

    [Fact]
    public void Scales_that_do_not_cover_the_matrix_are_refused()
    {
        SafetensorsWriter.WriteFile(
            _folder["w"],
            [
                new("layer.weight", new(DType.U8, [4, 64], new byte[256])),
                new(Int8Weights.ScaleName("layer.weight"), new(DType.BF16, [4, 1], new byte[8])),
            ]
        );
        using var weights = WeightMap.Open(_folder["w"]);
        var graph = new GraphBuilder("test", weights, Precision.Float32);
        var refusal = Should.Throw<KontextException>(() => graph.Linear(weights, "x", "layer"));
        refusal.Code.ShouldBe(ErrorCode.WeightsInvalid);
        refusal.Message.ShouldContain("layer.weight_int8_scale BF16[4, 1] is smaller than [4, 2]");
    }

    public void Dispose() => _folder.Dispose();

    private float[] Run(WeightMap weights, float[] x)
    {
        var graph = new GraphBuilder("linear", weights, Precision.Float32);
        var product = graph.Linear(weights, graph.Input("x", DType.F32, Rows, Inputs), "layer");
        graph.Output("y", product, Rows, Outputs);
        var path = _folder[$"{Guid.NewGuid():n}.onnx"];
        File.WriteAllBytes(path, graph.Build().ToByteArray());
        using var session = new InferenceSession(path);
        using var input = OrtValue.CreateTensorValueFromMemory(x, [Rows, Inputs]);
        using var run = new RunOptions();
        using var outputs = session.Run(run, ["x"], [input], ["y"]);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }

    private static HostTensor Restored(string path)
    {
        using var file = SafetensorsFile.Open(path, ErrorCode.Internal);
        var levels = file.Read("layer.weight").Bytes.ToArray();
        var scales = file.Read(Int8Weights.ScaleName("layer.weight")).Bytes.ToArray();
        float[] values =
        [
            .. levels.Select(
                (level, i) =>
                    (level - 128)
                    * Int8Block.ScaleOf(BitConverter.ToUInt16(scales, i / Int8Block.Size * sizeof(ushort)))
            ),
        ];
        return HostTensor.Of(values, Outputs, Inputs);
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
}
