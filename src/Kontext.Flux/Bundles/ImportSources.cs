using Kontext.Flux.Weights;

namespace Kontext.Flux.Bundles;

/// <summary>What a bundle is made from. Every part may be left out; the bundle then lacks it.</summary>
public sealed record ImportSources
{
    /// <summary>Name of the new model: lower-case letters, digits, '.', '_' and '-'.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// The transformer: a safetensors file, or a folder of shards with their index; BFL's names or diffusers'. Or an exported
    /// graph: an ONNX file, or a folder with model.onnx.
    /// </summary>
    public string? Transformer { get; init; }

    /// <summary>The autoencoder: a safetensors file, or its folder; BFL's names or diffusers'.</summary>
    public string? Autoencoder { get; init; }

    /// <summary>Instead of <see cref="Autoencoder"/>, its encoder as an exported graph; the decoder must be given too.</summary>
    public string? ContextEncoder { get; init; }

    /// <summary>Instead of <see cref="Autoencoder"/>, its decoder as an exported graph; the encoder must be given too.</summary>
    public string? Decoder { get; init; }

    /// <summary>Folder of T5's weights or exported graph, config.json, and its tokenizer unless that lies apart.</summary>
    public string? T5 { get; init; }

    /// <summary>Folder with spiece.model and tokenizer_config.json, if they are not in T5's own.</summary>
    public string? T5Tokenizer { get; init; }

    /// <summary>Folder of CLIP's weights or exported graph, config.json, and its tokenizer unless that lies apart.</summary>
    public string? Clip { get; init; }

    /// <summary>Folder with vocab.json and merges.txt, if they are not in CLIP's own.</summary>
    public string? ClipTokenizer { get; init; }

    /// <summary>
    /// The folder that all weights lie in, if the bundle is to be made there and they are to stay where they are; null to
    /// link them into a folder of the bundle's own.
    /// </summary>
    public string? InPlace { get; init; }

    /// <summary>How to store the transformer's large matrices.</summary>
    public WeightStorage Weights { get; init; }

    /// <summary>The publisher's licence, to be kept with the weights.</summary>
    public string? LicenceFile { get; init; }

    /// <summary>
    /// JSON, or the path of a JSON file, with what the sources do not tell: objects <c>transformer</c>,
    /// <c>autoencoder</c>, <c>preview</c>, <c>t5</c>, <c>clip</c>, <c>sampling</c>, and <c>licence</c>.
    /// </summary>
    public string? Config { get; init; }

    /// <summary>Whether to replace a bundle of the same name.</summary>
    public bool Replace { get; init; }
}
