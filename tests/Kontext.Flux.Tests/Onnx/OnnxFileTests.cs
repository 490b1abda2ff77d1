using Google.Protobuf;
using Kontext.Contracts;
using Kontext.Contracts.Tensors;
using Kontext.Flux.Onnx;
using Kontext.Flux.Onnx.Proto;

namespace Kontext.Flux.Tests.Onnx;

public sealed class OnnxFileTests : IDisposable
{
    private const int Float8 = 17;
    private readonly TemporaryFolder _folder = new();
    private readonly ModelProto _model = GraphEdit.Of(graph => graph.Input("x", DType.F32, "batch", 4));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Weights_are_found_wherever_they_are_and_not_among_the_inputs()
    {
        Add("beside", DType.F32, [4, 4], ("location", "data/a.bin"), ("offset", "16"), ("length", "64"));
        Add("open", DType.F16, [3], ("location", "b.bin"));
        Add("within", DType.F32, [2]);
        // As files of old versions have it.
        _model.Graph.Input.Add(new ValueInfoProto { Name = "within" });

        var file = Read();

        file.Inputs.Select(input => input.Name).ShouldBe(["x"]);
        file.DataFiles.ShouldBe(["data/a.bin", "b.bin"]);
        file.Weights.Select(weight => (weight.Name, weight.Count, weight.Bytes, weight.End))
            .ShouldBe([("beside", 16, 64, 80), ("open", 3, 6, 6), ("within", 2, 8, 0)]);
    }

    [Theory]
    [InlineData(DType.F32, GraphPrecision.Float32)]
    [InlineData(DType.BF16, GraphPrecision.BFloat16)]
    [InlineData(DType.F16, GraphPrecision.Float16)]
    public void A_graph_computes_in_what_most_of_its_weights_are(DType type, GraphPrecision precision)
    {
        Add("most", type, [100]);
        Add("few", type == DType.F32 ? DType.F16 : DType.F32, [10]);
        Add("ids", DType.I64, [1000]);
        Read().Precision.ShouldBe(precision);
    }

    [Fact]
    public void Weights_that_are_cast_are_only_stored_so()
    {
        Add("w", DType.BF16, [100]);
        Read().Precision.ShouldBe(GraphPrecision.BFloat16);
        _model.Graph.Node.Add(
            new NodeProto
            {
                OpType = "Cast",
                Input = { "w" },
                Output = { "wide" },
                Attribute =
                {
                    new AttributeProto { Name = "to", I = OnnxTypes.NumberOf(DType.F32) },
                },
            }
        );
        Read().Precision.ShouldBe(GraphPrecision.Float32);
    }

    [Fact]
    public void Eight_and_four_bits_of_floating_point_need_TensorRT()
    {
        Add("w", DType.BF16, [100]);
        Read().NeedsTensorRt.ShouldBeFalse();
        _model.Graph.Initializer.Add(
            new TensorProto
            {
                Name = "small",
                DataType = Float8,
                Dims = { 3 },
            }
        );
        (Read().Precision, Read().NeedsTensorRt).ShouldBe((GraphPrecision.Float8, true));
        Read().Weights[^1].Bytes.ShouldBe(3);
        _model.Graph.Initializer.Add(
            new TensorProto
            {
                Name = "tiny",
                DataType = OnnxTypes.Float4,
                Dims = { 3 },
            }
        );
        (Read().Precision, Read().NeedsTensorRt).ShouldBe((GraphPrecision.Float4, true));
        Read().Weights[^1].Bytes.ShouldBe(2);
    }

    [Theory]
    [InlineData("RandomNormal", true)]
    [InlineData("RandomNormalLike", true)]
    [InlineData("Relu", false)]
    public void What_draws_random_numbers_is_known(string type, bool isRandom)
    {
        _model.Graph.Node.Add(new NodeProto { OpType = type, Output = { "y" } });
        Read().IsRandom.ShouldBe(isRandom);
    }

    [Fact]
    public void A_file_that_is_not_there_or_no_graph_is_named()
    {
        Refused(_folder["none.onnx"]).Code.ShouldBe(ErrorCode.FileNotFound);
        File.WriteAllText(_folder["text.onnx"], "no graph at all");
        var refusal = Refused(_folder["text.onnx"]);
        refusal.Code.ShouldBe(ErrorCode.ModelCorrupt);
        refusal.Message.ShouldContain($"'{_folder["text.onnx"]}'");

        static KontextException Refused(string path) =>
            Should.Throw<KontextException>(() => OnnxFile.Read(path, ErrorCode.ModelCorrupt));
    }

    private void Add(string name, DType type, long[] shape, params (string Key, string Value)[] external)
    {
        var tensor = new TensorProto
        {
            Name = name,
            DataType = OnnxTypes.NumberOf(type),
            Dims = { shape },
            DataLocation =
                external.Length > 0 ? TensorProto.Types.DataLocation.External : TensorProto.Types.DataLocation.Default,
        };
        tensor.ExternalData.Add(
            external.Select(entry => new StringStringEntryProto { Key = entry.Key, Value = entry.Value })
        );
        _model.Graph.Initializer.Add(tensor);
    }

    private OnnxFile Read()
    {
        File.WriteAllBytes(_folder["model.onnx"], _model.ToByteArray());
        return OnnxFile.Read(_folder["model.onnx"], ErrorCode.ModelCorrupt);
    }
}
