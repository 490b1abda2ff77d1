using Kontext.Contracts;
using Kontext.Contracts.Tensors;
using Kontext.Flux.Onnx;
using Kontext.Flux.Onnx.Proto;
using Kontext.Flux.Weights;

namespace Kontext.Flux.Tests.Onnx;

public sealed class GraphBuilderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly WeightMap _weights;

    public GraphBuilderTests()
    {
        SafetensorsWriter.WriteFile(
            _folder["w.safetensors"],
            [new("odd", new(DType.U8, [3], new byte[3])), new("w", HostTensor.Zeros(DType.F32, 4, 6))]
        );
        _weights = WeightMap.Open(_folder["w.safetensors"]);
    }

    [Fact]
    public void A_model_says_which_operators_it_needs()
    {
        var model = Builder(Precision.Float32).Build();
        model.OpsetImport.Select(set => (set.Domain, set.Version)).ShouldBe([("", 23L), ("com.microsoft", 1L)]);
        model.IrVersion.ShouldBe(11);
        model.Graph.Name.ShouldBe("test");
    }

    [Fact]
    public void A_weight_may_be_seen_under_another_shape_or_by_its_first_rows()
    {
        var builder = Builder(Precision.Float32);
        builder.Weight("w").ShouldBe("w");
        builder.Weight("w", 24).ShouldBe("w[24]");
        builder.Weight("w", 2, 6).ShouldBe("w[2,6]");
        builder.Weight("w", 2, 6).ShouldBe("w[2,6]");
        var tensors = builder.Build().Graph.Initializer;
        tensors
            .Select(tensor => (tensor.Name, tensor.External("length")))
            .ShouldBe([("w", "96"), ("w[24]", "96"), ("w[2,6]", "48")]);
        tensors.ShouldAllBe(tensor => tensor.External("offset") == tensors[0].External("offset"));
        tensors.ShouldAllBe(tensor => tensor.External("location") == "w.safetensors");
    }

    [Fact]
    public void A_weight_smaller_than_its_place_is_refused()
    {
        var refusal = Should.Throw<KontextException>(() => Builder(Precision.Float32).Weight("w", 5, 6));
        refusal.Code.ShouldBe(ErrorCode.WeightsInvalid);
        refusal.Message.ShouldBe("Tensor w F32[4, 6] is smaller than [5, 6], which its place in the model needs.");
    }

    [Theory]
    [InlineData(Precision.BFloat16, 16)]
    [InlineData(Precision.Float16, 10)]
    public void Weights_and_constants_are_cast_once_to_what_the_graph_computes_in(Precision precision, int type)
    {
        var builder = Builder(precision);
        builder.Weight("w").ShouldBe(builder.Weight("w"));
        builder.Scalar(2f).ShouldBe(builder.Scalar(2f));
        builder.StoredWeight("w").ShouldBe("w");
        var casts = builder.Build().Graph.Node;
        casts.Select(node => node.OpType).ShouldBe(["Cast", "Cast"]);
        casts.ShouldAllBe(node => node.Attribute.Single().I == type);
    }

    [Fact]
    public void Equal_constants_are_stored_once_and_unequal_ones_are_not_mixed_up()
    {
        var builder = Builder(Precision.Float32);
        string[] names =
        [
            builder.Constant(1L),
            builder.Integer(1),
            builder.Constant(1L, 2L),
            builder.Constant([1f, 2f], 2),
            builder.Constant([1f, 2f], 1, 2),
            builder.Scalar(1f),
            builder.Filled(1f, 1),
        ];
        names.ShouldBeUnique();
        builder.Constant(1L).ShouldBe(names[0]);
        builder.Constant([1f, 2f], 1, 2).ShouldBe(names[4]);
        var stored = builder.Build().Graph.Initializer;
        stored.Select(tensor => tensor.Name).ShouldBe(names);
        stored.Select(tensor => string.Join(',', tensor.Dims)).ShouldBe(["1", "", "2", "2", "1,2", "", "1"]);
    }

    [Fact]
    public void Attributes_have_the_type_of_their_value()
    {
        var builder = Builder(Precision.Float32);
        builder.Op("Thing", ["x"], ("f", 1.5f), ("i", 2L), ("n", 3), ("s", "tanh"), ("l", new long[] { 1, 2 }));
        var attributes = builder.Build().Graph.Node.Single().Attribute;
        attributes
            .Select(attribute => attribute.Type)
            .ShouldBe([
                AttributeProto.Types.AttributeType.Float,
                AttributeProto.Types.AttributeType.Int,
                AttributeProto.Types.AttributeType.Int,
                AttributeProto.Types.AttributeType.String,
                AttributeProto.Types.AttributeType.Ints,
            ]);
        attributes[0].F.ShouldBe(1.5f);
        attributes[2].I.ShouldBe(3);
        attributes[3].S.ToStringUtf8().ShouldBe("tanh");
        attributes[4].Ints.ShouldBe([1L, 2L]);
        Should.Throw<ArgumentException>(() => builder.Op("Thing", ["x"], ("d", 1.0)));
    }

    [Fact]
    public void Every_type_of_a_weight_has_its_number_in_the_onnx_standard()
    {
        // onnx.proto3, TensorProto.DataType.
        (DType, int)[] expected =
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
        expected.Select(pair => pair.Item1).ShouldBe(Enum.GetValues<DType>(), ignoreOrder: true);
        foreach (var (dtype, number) in expected)
        {
            var builder = Builder(Precision.Float32);
            builder.Input("x", dtype, "batch", 3);
            var input = builder.Build().Graph.Input.Single();
            input.Type.TensorType.ElemType.ShouldBe(number);
            input.Shape().ShouldBe("[batch, 3]");
        }
    }

    public void Dispose()
    {
        _weights.Dispose();
        _folder.Dispose();
    }

    private GraphBuilder Builder(Precision precision) => new("test", _weights, precision);
}
