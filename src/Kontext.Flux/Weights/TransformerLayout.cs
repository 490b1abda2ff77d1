using System.Text.RegularExpressions;
using Kontext.Contracts;

namespace Kontext.Flux.Weights;

/// <summary>
/// The two published layouts of the transformer's tensors, brought to one set of names: BFL's, with what is computed
/// apart also named apart. Nothing is copied: a fused tensor's parts are rows of it.
/// </summary>
/// <remarks>
/// Parts: <c>*_attn.qkv.{q,k,v}</c>, <c>linear1.{q,k,v,mlp}</c> and <c>final_layer.adaLN_modulation.1.{shift,scale}</c>.
/// Diffusers stores the last with its halves swapped (convert_flux_to_diffusers, swap_scale_shift).
/// </remarks>
internal static partial class TransformerLayout
{
    /// <summary>Community checkpoints hold the transformer below this name.</summary>
    private const string CheckpointPrefix = "model.diffusion_model.";

    private static readonly (string Diffusers, string Bfl)[] Globals =
    [
        ("x_embedder", "img_in"),
        ("context_embedder", "txt_in"),
        ("time_text_embed.timestep_embedder.linear_1", "time_in.in_layer"),
        ("time_text_embed.timestep_embedder.linear_2", "time_in.out_layer"),
        ("time_text_embed.guidance_embedder.linear_1", "guidance_in.in_layer"),
        ("time_text_embed.guidance_embedder.linear_2", "guidance_in.out_layer"),
        ("time_text_embed.text_embedder.linear_1", "vector_in.in_layer"),
        ("time_text_embed.text_embedder.linear_2", "vector_in.out_layer"),
        ("proj_out", "final_layer.linear"),
    ];

    private static readonly (string Diffusers, string Bfl)[] DoubleBlock =
    [
        ("norm1.linear", "img_mod.lin"),
        ("norm1_context.linear", "txt_mod.lin"),
        ("attn.to_q", "img_attn.qkv.q"),
        ("attn.to_k", "img_attn.qkv.k"),
        ("attn.to_v", "img_attn.qkv.v"),
        ("attn.add_q_proj", "txt_attn.qkv.q"),
        ("attn.add_k_proj", "txt_attn.qkv.k"),
        ("attn.add_v_proj", "txt_attn.qkv.v"),
        ("attn.to_out.0", "img_attn.proj"),
        ("attn.to_add_out", "txt_attn.proj"),
        ("ff.net.0.proj", "img_mlp.0"),
        ("ff.net.2", "img_mlp.2"),
        ("ff_context.net.0.proj", "txt_mlp.0"),
        ("ff_context.net.2", "txt_mlp.2"),
    ];

    private static readonly (string Diffusers, string Bfl)[] SingleBlock =
    [
        ("norm.linear", "modulation.lin"),
        ("attn.to_q", "linear1.q"),
        ("attn.to_k", "linear1.k"),
        ("attn.to_v", "linear1.v"),
        ("proj_mlp", "linear1.mlp"),
        ("proj_out", "linear2"),
    ];

    private static readonly Dictionary<string, string> HeadNorms = new(StringComparer.Ordinal)
    {
        ["transformer_blocks.attn.norm_q.weight"] = "img_attn.norm.query_norm.scale",
        ["transformer_blocks.attn.norm_k.weight"] = "img_attn.norm.key_norm.scale",
        ["transformer_blocks.attn.norm_added_q.weight"] = "txt_attn.norm.query_norm.scale",
        ["transformer_blocks.attn.norm_added_k.weight"] = "txt_attn.norm.key_norm.scale",
        ["single_transformer_blocks.attn.norm_q.weight"] = "norm.query_norm.scale",
        ["single_transformer_blocks.attn.norm_k.weight"] = "norm.key_norm.scale",
    };

    private static readonly Dictionary<string, string> FromDiffusers = Table();

    /// <summary>Renames the tensors of either layout.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.WeightsInvalid"/>: it is neither.</exception>
    public static void Apply(WeightMap weights)
    {
        if (weights.Has($"{CheckpointPrefix}img_in.weight"))
        {
            weights.Rename(stored =>
                stored.Name.StartsWith(CheckpointPrefix, StringComparison.Ordinal)
                    ? [stored with { Name = stored.Name[CheckpointPrefix.Length..] }]
                    : []
            );
        }
        if (weights.Has("img_in.weight"))
        {
            var hidden = weights.Shape("img_in.weight", 2)[0];
            weights.Rename(stored => OfBfl(stored, hidden));
        }
        else if (weights.Has("x_embedder.weight"))
        {
            weights.Rename(OfDiffusers);
        }
        else
        {
            throw new KontextException(
                ErrorCode.WeightsInvalid,
                $"{weights.Files} is no FLUX transformer: it has neither 'img_in.weight' (BFL's names) nor "
                    + "'x_embedder.weight' (diffusers')."
            );
        }
    }

    private static IEnumerable<TensorEntry> OfBfl(TensorEntry stored, long hidden)
    {
        var (layer, kind) = SplitName(stored.Name);
        if (layer.EndsWith("_attn.qkv", StringComparison.Ordinal))
        {
            return Parts(stored, layer, kind, ("q", hidden), ("k", hidden), ("v", hidden));
        }
        if (layer.EndsWith(".linear1", StringComparison.Ordinal))
        {
            var mlp = RowCount(stored) - (3 * hidden);
            return Parts(stored, layer, kind, ("q", hidden), ("k", hidden), ("v", hidden), ("mlp", mlp));
        }
        return layer == "final_layer.adaLN_modulation.1"
            ? Parts(stored, layer, kind, ("shift", hidden), ("scale", hidden))
            : [stored];
    }

    private static IEnumerable<TensorEntry> OfDiffusers(TensorEntry stored)
    {
        var (layer, kind) = SplitName(stored.Name);
        if (layer == "norm_out.linear")
        {
            var hidden = RowCount(stored) / 2;
            return Parts(stored, "final_layer.adaLN_modulation.1", kind, ("scale", hidden), ("shift", hidden));
        }
        var block = BlockPattern().Match(stored.Name);
        var (prefix, general, rest) = block.Success
            ? (
                block.Groups["single"].Success ? "single_blocks." : "double_blocks.",
                block.Groups["kind"].Value,
                block.Groups["rest"].Value
            )
            : ("", "", stored.Name);
        prefix = block.Success ? $"{prefix}{block.Groups["number"].Value}." : prefix;
        var known = FromDiffusers.GetValueOrDefault(block.Success ? $"{general}.{rest}" : rest);
        return known is null ? [] : [stored with { Name = prefix + known }];
    }

    /// <summary>None for a single number, which is then refused for its missing rows.</summary>
    private static long RowCount(TensorEntry stored) => stored.Shape.Count > 0 ? stored.Shape[0] : 0;

    /// <summary>Consecutive rows of a tensor, each under its own name.</summary>
    private static IEnumerable<TensorEntry> Parts(
        TensorEntry stored,
        string layer,
        string kind,
        params (string Name, long Rows)[] parts
    )
    {
        var row = 0L;
        foreach (var (name, rows) in parts)
        {
            yield return stored.Rows($"{layer}.{name}.{kind}", row, rows);
            row += rows;
        }
    }

    private static (string Layer, string Kind) SplitName(string name)
    {
        var dot = name.LastIndexOf('.');
        return dot < 0 ? (name, "") : (name[..dot], name[(dot + 1)..]);
    }

    private static Dictionary<string, string> Table()
    {
        var table = new Dictionary<string, string>(HeadNorms, StringComparer.Ordinal);
        Add("", Globals);
        Add("transformer_blocks.", DoubleBlock);
        Add("single_transformer_blocks.", SingleBlock);
        return table;

        void Add(string prefix, (string Diffusers, string Bfl)[] layers)
        {
            foreach (var (diffusers, bfl) in layers)
            {
                table.Add($"{prefix}{diffusers}.weight", $"{bfl}.weight");
                table.Add($"{prefix}{diffusers}.bias", $"{bfl}.bias");
            }
        }
    }

    [GeneratedRegex(@"^(?<kind>(?<single>single_)?transformer_blocks)\.(?<number>\d+)\.(?<rest>.+)$")]
    private static partial Regex BlockPattern();
}
