using System.Text.RegularExpressions;
using Kontext.Contracts;

namespace Kontext.Flux.Weights;

/// <summary>
/// The two published layouts of the autoencoder's tensors, brought to BFL's names. Diffusers counts the decoder's levels
/// from the other end and stores the 1×1 convolutions of attention as matrices: the same bytes under another shape.
/// </summary>
internal static partial class AutoencoderLayout
{
    /// <summary>Renames the tensors of either layout.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.WeightsInvalid"/>: it is neither.</exception>
    public static void Apply(WeightMap weights)
    {
        if (weights.Has("encoder.down.0.block.0.conv1.weight"))
        {
            return;
        }
        if (!weights.Has("encoder.down_blocks.0.resnets.0.conv1.weight"))
        {
            throw new KontextException(
                ErrorCode.WeightsInvalid,
                $"{weights.Files} is no FLUX autoencoder: it has neither 'encoder.down.0…' (BFL's names) nor "
                    + "'encoder.down_blocks.0…' (diffusers')."
            );
        }
        var levels = weights.CountOf("decoder.up_blocks.", ".resnets.0.conv1.weight");
        weights.Rename(stored => [OfDiffusers(stored, levels)]);
    }

    private static TensorEntry OfDiffusers(TensorEntry stored, int levels)
    {
        var name = DownBlock().Replace(stored.Name, "encoder.down.$1.");
        name = UpBlock().Replace(name, match => $"decoder.up.{levels - 1 - int.Parse(match.Groups[1].Value)}.");
        name = Level()
            .Replace(name, "block.$1.")
            .Replace("downsamplers.0.conv", "downsample.conv", StringComparison.Ordinal)
            .Replace("upsamplers.0.conv", "upsample.conv", StringComparison.Ordinal)
            .Replace("mid_block.block.0.", "mid.block_1.", StringComparison.Ordinal)
            .Replace("mid_block.block.1.", "mid.block_2.", StringComparison.Ordinal)
            .Replace("conv_shortcut", "nin_shortcut", StringComparison.Ordinal)
            .Replace("conv_norm_out", "norm_out", StringComparison.Ordinal);
        var attention = Attention().Match(name);
        if (!attention.Success)
        {
            return stored with { Name = name };
        }
        var part = attention.Groups["part"].Value switch
        {
            "group_norm" => "norm",
            "to_q" => "q",
            "to_k" => "k",
            "to_v" => "v",
            _ => "proj_out",
        };
        return stored with
        {
            Name = $"{attention.Groups["half"].Value}.mid.attn_1.{part}.{attention.Groups["kind"].Value}",
            Shape = stored.Shape.Count == 2 ? [.. stored.Shape, 1, 1] : stored.Shape,
        };
    }

    [GeneratedRegex(@"^encoder\.down_blocks\.(\d{1,3})\.")]
    private static partial Regex DownBlock();

    [GeneratedRegex(@"^decoder\.up_blocks\.(\d{1,3})\.")]
    private static partial Regex UpBlock();

    [GeneratedRegex(@"resnets\.(\d{1,3})\.")]
    private static partial Regex Level();

    [GeneratedRegex(
        @"^(?<half>encoder|decoder)\.mid_block\.attentions\.0\.(?<part>group_norm|to_q|to_k|to_v|to_out\.0)\.(?<kind>weight|bias)$"
    )]
    private static partial Regex Attention();
}
