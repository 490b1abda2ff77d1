using Kontext.Contracts;
using Kontext.Contracts.Tensors;
using Kontext.Flux.Weights;

namespace Kontext.Flux.Bundles;

/// <summary>The weights of one part of a bundle, as its safetensors files hold them.</summary>
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
        (string Name, object? Config, Action<WeightMap> Layout)[] parts =
        [
            ("transformer", bundle.Manifest.Transformer, TransformerLayout.Apply),
            ("autoencoder", bundle.Manifest.Autoencoder, AutoencoderLayout.Apply),
            ("t5", bundle.Manifest.T5, _ => { }),
            ("clip", bundle.Manifest.Clip, _ => { }),
        ];
        try
        {
            return
            [
                .. parts.Where(part => part.Config is not null).Select(part => Read(bundle, part.Name, part.Layout)),
            ];
        }
        // These weights have been imported: what is wrong with them now is wrong with the bundle.
        catch (KontextException error) when (error.Code == ErrorCode.WeightsInvalid)
        {
            throw new KontextException(ErrorCode.ModelCorrupt, error.Message, error);
        }
    }

    private static PartWeights Read(ModelBundle bundle, string part, Action<WeightMap> layout)
    {
        var shard = $"{part}-";
        string[] files =
        [
            .. bundle
                .Manifest.Files.Keys.Where(file =>
                    file == $"{part}.safetensors"
                    || file == $"{part}.int8.safetensors"
                    || (
                        file.StartsWith(shard, StringComparison.Ordinal)
                        && file.EndsWith(".safetensors", StringComparison.Ordinal)
                    )
                )
                .Select(file => Path.Combine(bundle.Folder, file)),
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

    private static bool IsLearned(TensorEntry tensor) =>
        tensor.DType is not (DType.I64 or DType.I32 or DType.Bool or DType.U64 or DType.U32);

    private static long Count(TensorEntry tensor) => tensor.Length / tensor.DType.Size();
}
