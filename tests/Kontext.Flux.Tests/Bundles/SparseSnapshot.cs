using System.Buffers.Binary;
using System.Text.Json;

namespace Kontext.Flux.Tests.Bundles;

/// <summary>
/// FLUX.1's transformer with the published names and shapes and no content: headers are written, the rest of each file is
/// a hole that takes no disk.
/// </summary>
internal static class SparseSnapshot
{
    private const int Hidden = 3072;
    private const int Mlp = 4 * Hidden;
    private const int Text = 4096;
    private const int Vector = 768;
    private const int Channels = 64;
    private const int Time = 256;
    private const int Head = 128;
    private const int DoubleBlocks = 19;
    private const int SingleBlocks = 38;

    /// <summary>Parameters of the published model (its index says 23,802,816,640 bytes of bfloat16).</summary>
    public const long Parameters = 11_901_408_320;

    /// <summary>Black Forest Labs' single file.</summary>
    public static string WriteBfl(string folder)
    {
        Directory.CreateDirectory(folder);
        WriteFile(Path.Combine(folder, "flux1-kontext-dev.safetensors"), [.. Bfl()]);
        return folder;
    }

    /// <summary>Diffusers' folder: three shards and their index.</summary>
    public static string WriteDiffusers(string folder)
    {
        var transformer = Directory.CreateDirectory(Path.Combine(folder, "transformer")).FullName;
        var tensors = Diffusers().ToArray();
        var shards = tensors.Chunk((tensors.Length + 2) / 3).ToArray();
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (i, shard) in shards.Index())
        {
            var file = $"diffusion_pytorch_model-{i + 1:00000}-of-{shards.Length:00000}.safetensors";
            WriteFile(Path.Combine(transformer, file), shard);
            foreach (var (name, _) in shard)
            {
                map.Add(name, file);
            }
        }
        File.WriteAllText(
            Path.Combine(transformer, "diffusion_pytorch_model.safetensors.index.json"),
            JsonSerializer.Serialize(new { metadata = new { total_size = 2 * Parameters }, weight_map = map })
        );
        return folder;
    }

    private static IEnumerable<(string Name, long[] Shape)> Bfl() =>
        [
            .. Linear("img_in", Hidden, Channels),
            .. Linear("txt_in", Hidden, Text),
            .. Embedder("time_in", Time),
            .. Embedder("guidance_in", Time),
            .. Embedder("vector_in", Vector),
            .. Enumerable.Range(0, DoubleBlocks).SelectMany(DoubleBlock),
            .. Enumerable.Range(0, SingleBlocks).SelectMany(SingleBlock),
            .. Linear("final_layer.adaLN_modulation.1", 2 * Hidden, Hidden),
            .. Linear("final_layer.linear", Channels, Hidden),
        ];

    private static IEnumerable<(string Name, long[] Shape)> Embedder(string name, int width) =>
        [.. Linear($"{name}.in_layer", Hidden, width), .. Linear($"{name}.out_layer", Hidden, Hidden)];

    private static IEnumerable<(string Name, long[] Shape)> DoubleBlock(int block) =>
        new[] { "img", "txt" }.SelectMany(stream =>
        {
            var prefix = $"double_blocks.{block}.{stream}";
            return (IEnumerable<(string, long[])>)
                [
                    .. Linear($"{prefix}_mod.lin", 6 * Hidden, Hidden),
                    .. Linear($"{prefix}_attn.qkv", 3 * Hidden, Hidden),
                    ($"{prefix}_attn.norm.query_norm.scale", [Head]),
                    ($"{prefix}_attn.norm.key_norm.scale", [Head]),
                    .. Linear($"{prefix}_attn.proj", Hidden, Hidden),
                    .. Linear($"{prefix}_mlp.0", Mlp, Hidden),
                    .. Linear($"{prefix}_mlp.2", Hidden, Mlp),
                ];
        });

    private static IEnumerable<(string Name, long[] Shape)> SingleBlock(int block) =>
        [
            .. Linear($"single_blocks.{block}.modulation.lin", 3 * Hidden, Hidden),
            .. Linear($"single_blocks.{block}.linear1", (3 * Hidden) + Mlp, Hidden),
            ($"single_blocks.{block}.norm.query_norm.scale", [Head]),
            ($"single_blocks.{block}.norm.key_norm.scale", [Head]),
            .. Linear($"single_blocks.{block}.linear2", Hidden, Hidden + Mlp),
        ];

    /// <summary>The same tensors under diffusers' names, with what is fused cut apart.</summary>
    private static IEnumerable<(string Name, long[] Shape)> Diffusers()
    {
        (string Bfl, string Diffusers)[] layers =
        [
            ("img_in", "x_embedder"),
            ("txt_in", "context_embedder"),
            ("time_in.in_layer", "time_text_embed.timestep_embedder.linear_1"),
            ("time_in.out_layer", "time_text_embed.timestep_embedder.linear_2"),
            ("guidance_in.in_layer", "time_text_embed.guidance_embedder.linear_1"),
            ("guidance_in.out_layer", "time_text_embed.guidance_embedder.linear_2"),
            ("vector_in.in_layer", "time_text_embed.text_embedder.linear_1"),
            ("vector_in.out_layer", "time_text_embed.text_embedder.linear_2"),
            ("final_layer.adaLN_modulation.1", "norm_out.linear"),
            ("final_layer.linear", "proj_out"),
            ("img_mod.lin", "norm1.linear"),
            ("txt_mod.lin", "norm1_context.linear"),
            ("img_attn.qkv", "attn.to_q attn.to_k attn.to_v"),
            ("txt_attn.qkv", "attn.add_q_proj attn.add_k_proj attn.add_v_proj"),
            ("img_attn.norm.query_norm.scale", "attn.norm_q.weight"),
            ("img_attn.norm.key_norm.scale", "attn.norm_k.weight"),
            ("txt_attn.norm.query_norm.scale", "attn.norm_added_q.weight"),
            ("txt_attn.norm.key_norm.scale", "attn.norm_added_k.weight"),
            ("img_attn.proj", "attn.to_out.0"),
            ("txt_attn.proj", "attn.to_add_out"),
            ("img_mlp.0", "ff.net.0.proj"),
            ("img_mlp.2", "ff.net.2"),
            ("txt_mlp.0", "ff_context.net.0.proj"),
            ("txt_mlp.2", "ff_context.net.2"),
            ("modulation.lin", "norm.linear"),
            ("linear1", "attn.to_q attn.to_k attn.to_v proj_mlp"),
            ("linear2", "proj_out"),
            ("norm.query_norm.scale", "attn.norm_q.weight"),
            ("norm.key_norm.scale", "attn.norm_k.weight"),
        ];
        foreach (var (name, shape) in Bfl())
        {
            var (bfl, diffusers) = layers.First(layer => name.Contains(layer.Bfl, StringComparison.Ordinal));
            var parts = diffusers.Split(' ');
            var rows = parts.Length == 1 ? shape[0] : Hidden;
            var first = 0L;
            foreach (var part in parts)
            {
                var count = part == "proj_mlp" ? shape[0] - first : rows;
                var renamed = name.Replace(bfl, part, StringComparison.Ordinal)
                    .Replace("double_blocks", "transformer_blocks", StringComparison.Ordinal)
                    .Replace("single_blocks", "single_transformer_blocks", StringComparison.Ordinal);
                yield return (renamed, [count, .. shape[1..]]);
                first += count;
            }
        }
    }

    private static IEnumerable<(string Name, long[] Shape)> Linear(string name, long rows, long columns) =>
        [($"{name}.weight", [rows, columns]), ($"{name}.bias", [rows])];

    private static void WriteFile(string path, IReadOnlyList<(string Name, long[] Shape)> tensors)
    {
        var header = new Dictionary<string, object>(StringComparer.Ordinal);
        var offset = 0L;
        foreach (var (name, shape) in tensors)
        {
            var end = offset + (2 * shape.Aggregate(1L, (product, extent) => product * extent));
            header.Add(
                name,
                new
                {
                    dtype = "BF16",
                    shape,
                    data_offsets = new[] { offset, end },
                }
            );
            offset = end;
        }
        var json = JsonSerializer.SerializeToUtf8Bytes(header);
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)json.Length);
        using var file = File.Create(path);
        file.Write(length);
        file.Write(json);
        file.SetLength(file.Position + offset);
    }
}
