using Kontext.Contracts;
using Kontext.Contracts.Tensors;
using Kontext.Flux.Onnx;
using Kontext.Flux.Weights;

namespace Kontext.Flux.Bundles;

/// <summary>The weights of one part of a bundle, as its safetensors files or its exported graphs hold them.</summary>
/// <param name="Part">transformer, autoencoder, t5 or clip.</param>
/// <param name="Types">Types that tensors are stored in, the one of most parameters first.</param>
/// <param name="Parameters">Numbers that the part has learned.</param>
/// <param name="Bytes">Bytes that they take as stored.</param>
/// <param name="EncoderParameters">Of an autoencoder, those of its encoder.</param>
/// <param name="BaseChannels">Of an autoencoder, the channels of its activations at an image's full size.</param>
public sealed record PartWeights(
    string Part,
    IReadOnlyList<DType> Types,
    long Parameters,
    long Bytes,
    long EncoderParameters,
    int BaseChannels
)
{
    /// <summary>Reads the headers of a bundle's weights; the weights themselves stay where they are.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ModelCorrupt"/>: a file is damaged.</exception>
    public static IReadOnlyList<PartWeights> Of(ModelBundle bundle)
    {
        (string Name, object? Config, Action<WeightMap> Layout, GraphKind[] Graphs)[] parts =
        [
            (
                "transformer",
                bundle.Manifest.Transformer,
                TransformerLayout.Apply,
                [GraphKind.TransformerPrepare, GraphKind.Transformer]
            ),
            (
                "autoencoder",
                bundle.Manifest.Autoencoder,
                AutoencoderLayout.Apply,
                [GraphKind.ContextEncoder, GraphKind.Decoder]
            ),
            ("t5", bundle.Manifest.T5, _ => { }, [GraphKind.T5]),
            ("clip", bundle.Manifest.Clip, _ => { }, [GraphKind.Clip]),
        ];
        try
        {
            return
            [
                .. parts
                    .Where(part => part.Config is not null)
                    .Select(part =>
                        bundle.Manifest.Export(part.Graphs[^1]) is null
                            ? Read(bundle, part.Name, part.Layout, part.Graphs)
                            : ReadExports(bundle, part.Name, part.Graphs)
                    ),
            ];
        }
        // These weights have been imported: what is wrong with them now is wrong with the bundle.
        catch (KontextException error) when (error.Code == ErrorCode.WeightsInvalid)
        {
            throw new KontextException(ErrorCode.ModelCorrupt, error.Message, error);
        }
    }

    /// <summary>The graphs know which files their weights are in, wherever those lie.</summary>
    private static PartWeights Read(ModelBundle bundle, string part, Action<WeightMap> layout, GraphKind[] graphs)
    {
        string[] files =
        [
            .. graphs
                .SelectMany(graph => Graph(bundle, graph).DataFiles)
                .Distinct(StringComparer.Ordinal)
                .Select(bundle.FilePath),
        ];
        using var weights = WeightMap.Open(files);
        // Names that a layout does not know are no weights of this part: other parts, counters.
        layout(weights);
        var tensors = weights.Names.Select(name => weights.Locate(name).Entry).Where(IsLearned).ToArray();
        return new(
            part,
            [
                .. tensors
                    .GroupBy(tensor => tensor.DType)
                    .OrderByDescending(type => type.Sum(Count))
                    .Select(type => type.Key),
            ],
            tensors
                .Where(tensor => !tensor.Name.EndsWith(Int8Weights.ScaleName(""), StringComparison.Ordinal))
                .Sum(Count),
            tensors.Sum(tensor => tensor.Length),
            tensors.Where(tensor => tensor.Name.StartsWith("encoder.", StringComparison.Ordinal)).Sum(Count),
            weights.Has("decoder.conv_out.weight") ? (int)weights.Shape("decoder.conv_out.weight", 4)[1] : 0
        );
    }

    private static PartWeights ReadExports(ModelBundle bundle, string part, GraphKind[] kinds)
    {
        OnnxFile[] graphs =
        [
            .. kinds.Where(kind => bundle.Manifest.Export(kind) is not null).Select(kind => Graph(bundle, kind)),
        ];
        OnnxWeight[] learned = [.. graphs.SelectMany(Learned)];
        return new(
            part,
            [
                .. learned
                    .GroupBy(weight => OnnxTypes.TypeOf(weight.Type))
                    .OrderByDescending(type => type.Sum(weight => weight.Count))
                    .Select(type => type.Key)
                    .OfType<DType>(),
            ],
            learned.Sum(weight => weight.Count),
            learned.Sum(weight => weight.Bytes),
            kinds[0] == GraphKind.ContextEncoder ? Learned(graphs[0]).Sum(weight => weight.Count) : 0,
            kinds[0] == GraphKind.ContextEncoder ? ExportedSizes.BaseChannels(graphs[^1]) ?? 0 : 0
        );
    }

    private static OnnxFile Graph(ModelBundle bundle, GraphKind kind) =>
        OnnxFile.Read(bundle.Graph(kind, Precision.Float32).Path, ErrorCode.ModelCorrupt);

    private static IEnumerable<OnnxWeight> Learned(OnnxFile graph) =>
        graph.Weights.Where(weight => OnnxTypes.TypeOf(weight.Type) is not { } type || IsLearned(type));

    private static bool IsLearned(TensorEntry tensor) => IsLearned(tensor.DType);

    private static bool IsLearned(DType dtype) =>
        dtype is not (DType.I64 or DType.I32 or DType.Bool or DType.U64 or DType.U32);

    private static long Count(TensorEntry tensor) => tensor.Length / tensor.DType.Size();
}
