using Kontext.Contracts;
using Kontext.Contracts.Tensors;
using Kontext.Flux.Bundles;
using Kontext.Flux.Sampling;

namespace Kontext.Flux.Sessions;

/// <summary>
/// Runs one graph of a bundle on tensors from outside, for whoever ports or checks a model. Inputs and outputs have
/// the names of the published ONNX exports, whatever parts a graph has inside.
/// </summary>
public static class GraphRunner
{
    /// <summary>The graphs that can be run, with their inputs and outputs.</summary>
    public static IReadOnlyList<string> Graphs { get; } =
    [
        "t5: input_ids [B, tokens] -> text_embeddings [B, tokens, width]",
        "clip: input_ids [B, tokens] -> pooled_embeddings [B, width]",
        "context-encoder: image [B, 3, H, W] in -1..1 -> latents [B, C, H/8, W/8], scaled and shifted",
        "decoder: latents [B, C, h, w] -> image [B, 3, 8h, 8w]",
        "transformer: hidden_states [B, L, 4C], encoder_hidden_states [B, T, width], pooled_projections [B, width], "
            + "timestep [B] (sigma, 0..1), img_ids [L, 3] or [B, L, 3], txt_ids [T, 3] or [B, T, 3], guidance [B] "
            + "-> sample [B, L, 4C]",
    ];

    /// <summary>Runs a graph once.</summary>
    /// <param name="bundle">The model.</param>
    /// <param name="graph">One of <see cref="Graphs"/>.</param>
    /// <param name="inputs">Tensors by name.</param>
    /// <param name="options">The device.</param>
    /// <exception cref="KontextException">
    /// <see cref="ErrorCode.InputInvalid"/>: no such graph, or inputs of the wrong name, type or shape.
    /// </exception>
    public static IReadOnlyList<KeyValuePair<string, HostTensor>> Run(
        ModelBundle bundle,
        string graph,
        IReadOnlyDictionary<string, HostTensor> inputs,
        DeviceOptions options
    )
    {
        var device = new Device(options);
        var given = new NamedTensors(inputs);
        return graph switch
        {
            "t5" => T5(bundle, device, given),
            "clip" => Clip(bundle, device, given),
            "context-encoder" => ContextEncoder(bundle, device, given),
            "decoder" => Decoder(bundle, device, given),
            "transformer" => Transformer(bundle, device, given),
            _ => throw new KontextException(
                ErrorCode.InputInvalid,
                $"There is no graph '{graph}': choose t5, clip, context-encoder, decoder or transformer."
            ),
        };
    }

    private static IReadOnlyList<KeyValuePair<string, HostTensor>> T5(
        ModelBundle bundle,
        Device device,
        NamedTensors given
    )
    {
        var ids = given.Ids("input_ids", bundle.T5.VocabularySize, "batch", "tokens");
        using var session = new T5Session(bundle, device);
        var embeddings = session.Run(ids, given["batch"]);
        return One("text_embeddings", embeddings, given["batch"], given["tokens"], bundle.T5.HiddenSize);
    }

    private static IReadOnlyList<KeyValuePair<string, HostTensor>> Clip(
        ModelBundle bundle,
        Device device,
        NamedTensors given
    )
    {
        var ids = given.Ids("input_ids", bundle.Clip.VocabularySize, "batch", "tokens");
        if (given["tokens"] > bundle.Clip.MaxTokens)
        {
            throw new KontextException(
                ErrorCode.InputInvalid,
                $"'input_ids' has {given["tokens"]} tokens; this CLIP has {bundle.Clip.MaxTokens} positions."
            );
        }
        using var session = new ClipSession(bundle, device);
        return One("pooled_embeddings", session.Run(ids, given["batch"]), given["batch"], bundle.Clip.HiddenSize);
    }

    private static IReadOnlyList<KeyValuePair<string, HostTensor>> ContextEncoder(
        ModelBundle bundle,
        Device device,
        NamedTensors given
    )
    {
        var image = given.Floats("image", "batch", 3, "height", "width");
        var scale = bundle.Autoencoder.PixelsPerLatent;
        var (batch, height, width) = (given["batch"], given["height"], given["width"]);
        if (height % scale != 0 || width % scale != 0)
        {
            throw new KontextException(
                ErrorCode.InputInvalid,
                $"'image' is {width}x{height}; both sides must be multiples of {scale}."
            );
        }
        using var session = new ContextEncoderSession(bundle, device);
        image.CopyTo(session.Images(batch, height, width));
        var latents = session.Run(batch, height, width);
        return One("latents", latents, batch, bundle.Autoencoder.LatentChannels, height / scale, width / scale);
    }

    private static IReadOnlyList<KeyValuePair<string, HostTensor>> Decoder(
        ModelBundle bundle,
        Device device,
        NamedTensors given
    )
    {
        var latents = given.Floats("latents", "batch", bundle.Autoencoder.LatentChannels, "height", "width");
        var (batch, height, width) = (given["batch"], given["height"], given["width"]);
        using var session = new DecoderSession(bundle, device);
        latents.CopyTo(session.Latents(batch, height, width));
        var scale = bundle.Autoencoder.PixelsPerLatent;
        return One("image", session.Run(batch, height, width), batch, 3, height * scale, width * scale);
    }

    private static IReadOnlyList<KeyValuePair<string, HostTensor>> Transformer(
        ModelBundle bundle,
        Device device,
        NamedTensors given
    )
    {
        var config = bundle.Transformer;
        var hidden = given.Floats("hidden_states", "batch", "tokens", config.InChannels);
        var text = given.Floats("encoder_hidden_states", "batch", "text", config.TextWidth);
        var pooled = given.Floats("pooled_projections", "batch", config.VectorWidth);
        var timestep = given.Floats("timestep", "batch");
        var imageIds = Positions(given, "img_ids", "tokens");
        var textIds = Positions(given, "txt_ids", "text");
        var guidance = config.GuidanceEmbedding ? given.Floats("guidance", "batch") : [];

        // Context tokens pass through the same layers as the target's, so the whole sequence goes in as target.
        var shape = new BatchShape(given["batch"], given["text"], given["tokens"], ContextTokens: 0);
        using var session = TransformerSession.Load(bundle, device);
        using var rows = session.Open(shape);
        text.CopyTo(rows.Text);
        pooled.CopyTo(rows.Pooled);
        guidance.CopyTo(rows.Guidance);
        _ = rows.Context;
        for (var row = 0; row < shape.Batch; row++)
        {
            float[] ids = [.. textIds(row), .. imageIds(row)];
            ids.CopyTo(rows.Row(rows.Positions, row));
        }
        rows.Prepare([.. Enumerable.Range(0, shape.Batch)]);

        hidden.CopyTo(rows.Latents);
        timestep.CopyTo(rows.Timesteps);
        return One("sample", rows.Step(), shape.Batch, shape.TargetTokens, config.InChannels);
    }

    /// <summary>Position ids of each row; they may be given once for all rows.</summary>
    private static Func<int, float[]> Positions(NamedTensors given, string name, string tokens)
    {
        if (given.Has(name) && given.Rank(name) == 2)
        {
            var shared = given.Floats(name, tokens, PositionIds.Axes);
            return _ => shared;
        }
        var all = given.Floats(name, "batch", tokens, PositionIds.Axes);
        var length = given[tokens] * PositionIds.Axes;
        return row => all[(row * length)..((row + 1) * length)];
    }

    private static IReadOnlyList<KeyValuePair<string, HostTensor>> One(
        string name,
        ReadOnlySpan<float> values,
        params ReadOnlySpan<long> shape
    ) => [new(name, HostTensor.Of(values, shape))];
}
