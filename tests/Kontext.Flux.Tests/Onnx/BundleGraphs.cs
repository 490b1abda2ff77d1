using Kontext.Flux.Onnx.Proto;
using Kontext.Flux.Tests.Bundles;

namespace Kontext.Flux.Tests.Onnx;

/// <summary>The graph files of the reference bundle, read back.</summary>
internal static class BundleGraphs
{
    /// <summary>Every graph of the bundle: name, and precisions it is written in.</summary>
    public static readonly string[] Files =
    [
        "clip.fp32.onnx",
        "context-encoder.fp32.onnx",
        "decoder.fp32.onnx",
        "t5.bf16.onnx",
        "t5.fp32.onnx",
        "transformer-prepare.bf16.onnx",
        "transformer-prepare.fp16.onnx",
        "transformer-prepare.fp32.onnx",
        "transformer.bf16.onnx",
        "transformer.fp16.onnx",
        "transformer.fp32.onnx",
    ];

    public static ModelProto Graph(this ReferenceBundle reference, string file) =>
        ModelProto.Parser.ParseFrom(File.ReadAllBytes(Path.Combine(reference.Bundle.Folder, file)));

    public static string External(this TensorProto tensor, string key) =>
        tensor.ExternalData.Single(entry => entry.Key == key).Value;

    /// <summary>For example <c>[batch, tokens, 64]</c>.</summary>
    public static string Shape(this ValueInfoProto value)
    {
        var dims = value.Type.TensorType.Shape.Dim.Select(dim =>
            dim.DimParam.Length > 0 ? dim.DimParam : $"{dim.DimValue}"
        );
        return $"[{string.Join(", ", dims)}]";
    }
}
