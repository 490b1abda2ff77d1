using Kontext.Flux.Bundles;
using Kontext.Flux.Onnx;

namespace Kontext.Flux.Tests.Bundles;

public sealed class GraphKindTests
{
    [Fact]
    public void Every_graph_has_a_name_of_its_own_and_a_single_precision_file()
    {
        var kinds = Enum.GetValues<GraphKind>();
        kinds.Select(kind => kind.Name()).ShouldBeUnique();
        kinds.ShouldAllBe(kind => kind.Precisions().Contains(Precision.Float32));
        foreach (var kind in kinds)
        {
            kind.FileName(Precision.Float32).ShouldBe($"{kind.Name()}.fp32.onnx");
        }
    }

    [Fact]
    public void A_precision_a_graph_does_not_have_is_single_precision_there()
    {
        GraphKind.Transformer.FileName(Precision.Float16).ShouldBe("transformer.fp16.onnx");
        GraphKind.T5.FileName(Precision.BFloat16).ShouldBe("t5.bf16.onnx");
        // T5's feed-forward and the autoencoder overflow half precision.
        GraphKind.T5.FileName(Precision.Float16).ShouldBe("t5.fp32.onnx");
        GraphKind.Decoder.FileName(Precision.Float16).ShouldBe("decoder.fp32.onnx");
        GraphKind.Clip.FileName(Precision.BFloat16).ShouldBe("clip.fp32.onnx");
    }
}
