using Kontext.Flux.Onnx.Proto;

namespace Kontext.Flux.Onnx;

/// <summary>
/// An encoder that samples its latents, made to give their mean: the deviation of the noise it draws becomes too small to
/// change a number, and all else stays. FLUX's reference uses the mean, and a seed would not mean the same picture otherwise.
/// </summary>
internal static class MeanGraph
{
    private const string Deviation = "scale";

    /// <summary>Far below the last digit of any latent. ONNX Runtime wants it positive.</summary>
    private const float Nothing = 1e-30f;

    /// <summary>Operators that draw from a normal distribution.</summary>
    public static readonly string[] RandomOperators = ["RandomNormal", "RandomNormalLike"];

    /// <summary>Reads a graph and changes it.</summary>
    public static ModelProto Of(string path)
    {
        using var stream = File.OpenRead(path);
        // What the format has and this program has no name for is kept as it is.
        var model = ModelProto.Parser.ParseFrom(stream);
        foreach (var node in model.Graph.Node.Where(node => RandomOperators.Contains(node.OpType)))
        {
            var deviation = node.Attribute.FirstOrDefault(attribute => attribute.Name == Deviation);
            if (deviation is null)
            {
                deviation = new() { Name = Deviation, Type = AttributeProto.Types.AttributeType.Float };
                node.Attribute.Add(deviation);
            }
            deviation.F = Nothing;
        }
        return model;
    }
}
