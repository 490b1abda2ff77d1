using System.Text.Json.Serialization;
using Kontext.Flux.Onnx;

namespace Kontext.Flux.Bundles;

/// <summary>A graph that another program exported, and how it differs from one that is written here.</summary>
public sealed record ExportedGraph
{
    /// <summary>Its file, by name; its weights are in it or lie beside it.</summary>
    public required string File { get; init; }

    /// <summary>What it computes in, whatever the device is told.</summary>
    public required GraphPrecision Precision { get; init; }

    /// <summary>Whether it has operators that TensorRT alone knows.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool NeedsTensorRt { get; init; }

    /// <summary>What latents are to a half of the autoencoder.</summary>
    public LatentForm? Latents { get; init; }

    /// <summary>
    /// Inputs by the name that the published exports share: <c>input_ids</c>; <c>image</c>; <c>latents</c>;
    /// <c>hidden_states</c>, <c>encoder_hidden_states</c>, <c>pooled_projections</c>, <c>timestep</c> (sigma, 0…1),
    /// <c>img_ids</c>, <c>txt_ids</c>, <c>guidance</c>.
    /// </summary>
    public required IReadOnlyDictionary<string, GraphPort> Inputs { get; init; }

    /// <summary>
    /// The output: <c>text_embeddings</c>, <c>pooled_embeddings</c>, <c>latents</c>, <c>image</c> or <c>sample</c>.
    /// </summary>
    public required IReadOnlyDictionary<string, GraphPort> Outputs { get; init; }

    /// <summary>The extent of an input's dimension, where the graph has a fixed one.</summary>
    internal int? Fixed(string input, int axis) =>
        Inputs.TryGetValue(input, out var port) && axis < port.Shape.Count ? (int?)port.Shape[axis] : null;
}
