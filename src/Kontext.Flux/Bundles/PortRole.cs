using Kontext.Contracts.Tensors;

namespace Kontext.Flux.Bundles;

/// <summary>
/// What an input or output of a graph is for, and how it may look in an export. Names are those of Black Forest Labs'
/// and NVIDIA's exporter, of optimum, and our own.
/// </summary>
/// <param name="Role">Our name of it.</param>
/// <param name="Names">Names that exporters give it.</param>
/// <param name="Types">Types that it may have.</param>
/// <param name="Ranks">Numbers of dimensions that it may have; the first is meant where a graph does not say.</param>
/// <param name="IsOptional">Whether a graph may do without.</param>
internal sealed record PortRole(string Role, string[] Names, DType[] Types, int[] Ranks, bool IsOptional = false)
{
    private static readonly DType[] Ids = [DType.I64, DType.I32];
    private static readonly DType[] Floats = [DType.F32, DType.F16, DType.BF16];

    /// <summary>Inputs of a kind of graph.</summary>
    public static IReadOnlyList<PortRole> InputsOf(GraphKind kind) =>
        kind switch
        {
            GraphKind.T5 or GraphKind.Clip => [new("input_ids", ["input_ids"], Ids, [2])],
            GraphKind.ContextEncoder => [new("image", ["images", "sample", "image"], Floats, [4])],
            GraphKind.Decoder => [new("latents", ["latent", "latent_sample", "latents"], Floats, [4])],
            _ =>
            [
                new("hidden_states", ["hidden_states"], Floats, [3]),
                new("encoder_hidden_states", ["encoder_hidden_states"], Floats, [3]),
                new("pooled_projections", ["pooled_projections"], Floats, [2]),
                new("timestep", ["timestep"], Floats, [1]),
                // Old versions of diffusers want positions for every row, all later ones take them once.
                new("img_ids", ["img_ids"], Floats, [2, 3]),
                new("txt_ids", ["txt_ids"], Floats, [2, 3]),
                new("guidance", ["guidance"], Floats, [1], IsOptional: true),
            ],
        };

    /// <summary>The output of a kind of graph that is used.</summary>
    public static PortRole OutputOf(GraphKind kind) =>
        kind switch
        {
            GraphKind.T5 => new("text_embeddings", ["text_embeddings", "last_hidden_state"], Floats, [3]),
            GraphKind.Clip => new("pooled_embeddings", ["pooled_embeddings", "pooler_output"], Floats, [2]),
            GraphKind.ContextEncoder => new(
                "latents",
                ["latent", LatentParameters, "latent_sample", "latents"],
                Floats,
                [4]
            ),
            GraphKind.Decoder => new("image", ["images", "sample", "image"], Floats, [4]),
            _ => new("sample", ["latent", "out_hidden_states", "sample"], Floats, [3]),
        };

    /// <summary>What optimum calls mean and logarithm of the variance.</summary>
    public const string LatentParameters = "latent_parameters";

    /// <summary>Kinds of graph that an export has.</summary>
    public static IReadOnlyList<GraphKind> ExportedKinds { get; } =
    [GraphKind.T5, GraphKind.Clip, GraphKind.ContextEncoder, GraphKind.Decoder, GraphKind.Transformer];
}
