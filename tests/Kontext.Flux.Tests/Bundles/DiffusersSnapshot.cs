using System.Text.Json;
using System.Text.RegularExpressions;
using Kontext.Contracts.Tensors;
using Kontext.Flux.Weights;

namespace Kontext.Flux.Tests.Bundles;

/// <summary>
/// The reference weights rewritten as diffusers lays a snapshot out: other names, fused tensors cut, the final layer's
/// halves swapped, the decoder's levels counted from the other end, shards with an index.
/// </summary>
internal static partial class DiffusersSnapshot
{
    private static readonly (string Bfl, string Diffusers)[] TransformerNames =
    [
        ("img_in", "x_embedder"),
        ("txt_in", "context_embedder"),
        ("time_in.in_layer", "time_text_embed.timestep_embedder.linear_1"),
        ("time_in.out_layer", "time_text_embed.timestep_embedder.linear_2"),
        ("guidance_in.in_layer", "time_text_embed.guidance_embedder.linear_1"),
        ("guidance_in.out_layer", "time_text_embed.guidance_embedder.linear_2"),
        ("vector_in.in_layer", "time_text_embed.text_embedder.linear_1"),
        ("vector_in.out_layer", "time_text_embed.text_embedder.linear_2"),
        ("final_layer.linear", "proj_out"),
        ("img_mod.lin", "norm1.linear"),
        ("txt_mod.lin", "norm1_context.linear"),
        ("img_attn.proj", "attn.to_out.0"),
        ("txt_attn.proj", "attn.to_add_out"),
        ("img_mlp.0", "ff.net.0.proj"),
        ("img_mlp.2", "ff.net.2"),
        ("txt_mlp.0", "ff_context.net.0.proj"),
        ("txt_mlp.2", "ff_context.net.2"),
        ("img_attn.norm.query_norm.scale", "attn.norm_q.weight"),
        ("img_attn.norm.key_norm.scale", "attn.norm_k.weight"),
        ("txt_attn.norm.query_norm.scale", "attn.norm_added_q.weight"),
        ("txt_attn.norm.key_norm.scale", "attn.norm_added_k.weight"),
        ("norm.query_norm.scale", "attn.norm_q.weight"),
        ("norm.key_norm.scale", "attn.norm_k.weight"),
        ("modulation.lin", "norm.linear"),
        ("linear2", "proj_out"),
    ];

    /// <summary>Writes a snapshot; its transformer lies in two shards.</summary>
    public static string Write(string folder)
    {
        var transformer = FixtureFile.Load("transformer_tiny.safetensors").Tensors.SelectMany(OfTransformer).ToArray();
        WriteShards(Path.Combine(folder, "transformer"), "diffusion_pytorch_model", transformer);
        WriteJson(folder, "transformer/config.json", new { axes_dims_rope = new[] { 8, 12, 12 } });

        var autoencoder = FixtureFile.Load("ae_tiny.safetensors").Tensors.Select(OfAutoencoder).ToArray();
        Directory.CreateDirectory(Path.Combine(folder, "vae"));
        SafetensorsWriter.WriteFile(Path.Combine(folder, "vae/diffusion_pytorch_model.safetensors"), autoencoder);
        WriteJson(
            folder,
            "vae/config.json",
            new
            {
                scaling_factor = 0.3611,
                shift_factor = 0.1159,
                norm_num_groups = 32,
            }
        );

        CopyFixture(folder, "t5_tiny.safetensors", "text_encoder_2/model.safetensors");
        CopyFixture(folder, "t5_config.json", "text_encoder_2/config.json");
        CopyFixture(folder, "spiece_tiny.model", "tokenizer_2/spiece.model");
        CopyFixture(folder, "clip_tiny.safetensors", "text_encoder/model.safetensors");
        CopyFixture(folder, "clip_config.json", "text_encoder/config.json");
        CopyFixture(folder, "clip_small_vocab.json", "tokenizer/vocab.json");
        CopyFixture(folder, "clip_small_merges.txt", "tokenizer/merges.txt");
        WriteJson(folder, "model_index.json", new { _class_name = "FluxKontextPipeline" });
        return folder;
    }

    /// <summary>Writes tensors into two files and the index that joins them.</summary>
    private static void WriteShards(string folder, string name, KeyValuePair<string, HostTensor>[] tensors)
    {
        Directory.CreateDirectory(folder);
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        var halves = tensors.Chunk((tensors.Length + 1) / 2).ToArray();
        for (var i = 0; i < halves.Length; i++)
        {
            var file = $"{name}-{i + 1:00000}-of-{halves.Length:00000}.safetensors";
            SafetensorsWriter.WriteFile(Path.Combine(folder, file), halves[i]);
            foreach (var (tensor, _) in halves[i])
            {
                map.Add(tensor, file);
            }
        }
        WriteJson(
            folder,
            $"{name}.safetensors.index.json",
            new { metadata = new { total_size = 1 }, weight_map = map }
        );
    }

    private static IEnumerable<KeyValuePair<string, HostTensor>> OfTransformer(
        KeyValuePair<string, FixtureFile.Entry> stored
    )
    {
        var (name, entry) = stored;
        var kind = name[(name.LastIndexOf('.') + 1)..];
        var hidden = 64;
        if (name.StartsWith("final_layer.adaLN_modulation", StringComparison.Ordinal))
        {
            byte[] swapped = [.. Rows(entry, hidden, hidden), .. Rows(entry, 0, hidden)];
            return [Tensor($"norm_out.linear.{kind}", entry, entry.Shape, swapped)];
        }
        var block = Block()
            .Replace(
                name,
                match => (match.Groups[1].Value == "double" ? "transformer_blocks." : "single_transformer_blocks.")
            );
        if (name.Contains("_attn.qkv."))
        {
            var prefix = block[..(block.IndexOf("_attn.", StringComparison.Ordinal) - "img".Length)];
            string[] parts = name.Contains("img_attn")
                ? ["attn.to_q", "attn.to_k", "attn.to_v"]
                : ["attn.add_q_proj", "attn.add_k_proj", "attn.add_v_proj"];
            return parts.Select((part, i) => Part($"{prefix}{part}.{kind}", i * hidden, hidden));
        }
        if (name.Contains(".linear1."))
        {
            var prefix = block[..block.IndexOf("linear1", StringComparison.Ordinal)];
            string[] parts = ["attn.to_q", "attn.to_k", "attn.to_v", "proj_mlp"];
            return parts.Select(
                (part, i) =>
                    Part($"{prefix}{part}.{kind}", i * hidden, i < 3 ? hidden : (int)entry.Shape[0] - (3 * hidden))
            );
        }
        var (bfl, diffusers) = TransformerNames.First(pair => block.Contains(pair.Bfl, StringComparison.Ordinal));
        return [Tensor(block.Replace(bfl, diffusers, StringComparison.Ordinal), entry, entry.Shape, entry.Bytes)];

        KeyValuePair<string, HostTensor> Part(string part, int first, int count) =>
            Tensor(part, entry, [count, .. entry.Shape[1..]], Rows(entry, first, count));
    }

    private static KeyValuePair<string, HostTensor> OfAutoencoder(KeyValuePair<string, FixtureFile.Entry> stored)
    {
        var (name, entry) = stored;
        const int Levels = 4;
        name = Regex.Replace(name, @"^encoder\.down\.(\d)\.block\.", "encoder.down_blocks.$1.resnets.");
        name = Regex.Replace(name, @"^encoder\.down\.(\d)\.downsample\.", "encoder.down_blocks.$1.downsamplers.0.");
        name = Regex.Replace(
            name,
            @"^decoder\.up\.(\d)\.(block|upsample)\.",
            match =>
                $"decoder.up_blocks.{Levels - 1 - int.Parse(match.Groups[1].Value)}."
                + (match.Groups[2].Value == "block" ? "resnets." : "upsamplers.0.")
        );
        name = Regex.Replace(
            name,
            @"\.mid\.block_(\d)\.",
            match => $".mid_block.resnets.{match.Groups[1].Value[0] - '1'}."
        );
        name = name.Replace("nin_shortcut", "conv_shortcut").Replace(".norm_out.", ".conv_norm_out.");
        var shape = entry.Shape;
        if (name.Contains(".mid.attn_1."))
        {
            name = name.Replace(".mid.attn_1.", ".mid_block.attentions.0.")
                .Replace("0.norm.", "0.group_norm.")
                .Replace("0.q.", "0.to_q.")
                .Replace("0.k.", "0.to_k.")
                .Replace("0.v.", "0.to_v.")
                .Replace("0.proj_out.", "0.to_out.0.");
            shape = shape.Length == 4 ? shape[..2] : shape;
        }
        return Tensor(name, entry, shape, entry.Bytes);
    }

    private static byte[] Rows(FixtureFile.Entry entry, int first, int count)
    {
        var row = entry.Bytes.Length / (int)entry.Shape[0];
        return entry.Bytes[(first * row)..((first + count) * row)];
    }

    private static KeyValuePair<string, HostTensor> Tensor(
        string name,
        FixtureFile.Entry entry,
        long[] shape,
        byte[] bytes
    ) =>
        DTypes.TryParse(entry.DType, out var dtype)
            ? new(name, new(dtype, shape, bytes))
            : throw new InvalidOperationException(entry.DType);

    private static void WriteJson(string folder, string name, object content) =>
        File.WriteAllText(Path.Combine(folder, name), JsonSerializer.Serialize(content));

    private static void CopyFixture(string folder, string fixture, string name)
    {
        var path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Copy(FixtureFile.PathOf(fixture), path);
    }

    [GeneratedRegex(@"^(double|single)_blocks\.")]
    private static partial Regex Block();
}
