namespace Kontext.Flux.Bundles;

/// <summary>What a bundle is made from. Every part may be left out; the bundle then lacks it.</summary>
public sealed record ImportSources
{
    /// <summary>Name of the new model: lower-case letters, digits, '.', '_' and '-'.</summary>
    public required string Name { get; init; }

    /// <summary>Safetensors file of the transformer, with BFL's tensor names.</summary>
    public string? Transformer { get; init; }

    /// <summary>Safetensors file of the autoencoder, with BFL's tensor names.</summary>
    public string? Autoencoder { get; init; }

    /// <summary>Folder with T5's model.safetensors, config.json, spiece.model and tokenizer_config.json.</summary>
    public string? T5 { get; init; }

    /// <summary>Folder with CLIP's model.safetensors, config.json, vocab.json and merges.txt.</summary>
    public string? Clip { get; init; }

    /// <summary>
    /// JSON, or the path of a JSON file, with what the sources do not tell: objects <c>transformer</c>,
    /// <c>autoencoder</c>, <c>t5</c>, <c>clip</c>, <c>sampling</c>, and <c>licence</c>.
    /// </summary>
    public string? Config { get; init; }

    /// <summary>Whether to replace a bundle of the same name.</summary>
    public bool Replace { get; init; }
}
