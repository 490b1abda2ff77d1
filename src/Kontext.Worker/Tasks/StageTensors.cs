using Kontext.Contracts.Tensors;
using Kontext.Flux.Sampling;
using Kontext.Flux.Stages;

namespace Kontext.Worker.Tasks;

/// <summary>What stages make and take, as the tensors that travel.</summary>
internal static class StageTensors
{
    /// <summary>T5 embeddings [text tokens, width].</summary>
    public static HostTensor Text(Conditioning conditioning) =>
        HostTensor.Of(conditioning.Text, conditioning.TextTokens, conditioning.Text.Length / conditioning.TextTokens);

    /// <summary>CLIP's vector [width].</summary>
    public static HostTensor Pooled(Conditioning conditioning) =>
        HostTensor.Of(conditioning.Pooled, conditioning.Pooled.Length);

    /// <summary>Both together.</summary>
    public static Conditioning Conditioning(HostTensor text, HostTensor pooled) =>
        new(text.Floats.ToArray(), (int)text.Shape[0], pooled.Floats.ToArray());

    /// <summary>Latents [rows · columns, channels].</summary>
    public static HostTensor Latents(PackedLatents latents) =>
        HostTensor.Of(latents.Tokens, latents.Count, latents.Tokens.Length / latents.Count);

    /// <summary>Latents of a picture of an extent in pixels.</summary>
    /// <exception cref="InvalidOperationException">The tensor is of another extent.</exception>
    public static PackedLatents Latents(HostTensor tensor, int width, int height)
    {
        var (rows, columns) = (height / SizeLimits.Multiple, width / SizeLimits.Multiple);
        return tensor.Shape is [var tokens, _] && tokens == (long)rows * columns
            ? new(tensor.Floats.ToArray(), rows, columns)
            : throw new InvalidOperationException($"{tensor} are not the latents of {width}x{height} pixels.");
    }
}
