using Kontext.Contracts;
using Kontext.Contracts.Tensors;
using Kontext.Flux.Bundles;

namespace Kontext.Flux.Sessions;

/// <summary>Loads every graph of a bundle on a device and runs it once at a small size.</summary>
public static class GraphCheck
{
    private const int LatentSide = 4;
    private const int TextTokens = 4;

    /// <summary>Refuses a device that is not there, before longer work.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.DeviceUnavailable"/>.</exception>
    public static void CheckDevice(DeviceOptions options)
    {
        using var _ = new Device(options).CreateSessionOptions();
    }

    /// <summary>Runs the graphs of all parts that the bundle has.</summary>
    /// <param name="bundle">The model.</param>
    /// <param name="options">The device.</param>
    /// <param name="onGraph">Told of each graph that gave finite numbers, and their type and shape.</param>
    /// <param name="cancellationToken">Stops between graphs.</param>
    /// <exception cref="KontextException">
    /// A graph does not load, does not fit its weights, or <see cref="ErrorCode.ModelCorrupt"/>: gives numbers that are not
    /// finite.
    /// </exception>
    public static void Run(
        ModelBundle bundle,
        DeviceOptions options,
        Action<string, string> onGraph,
        CancellationToken cancellationToken
    )
    {
        foreach (var (graph, inputs) in Inputs(bundle))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (_, output) = GraphRunner.Run(bundle, graph, inputs, options)[0];
            foreach (var number in output.Floats)
            {
                if (!float.IsFinite(number))
                {
                    throw new KontextException(
                        ErrorCode.ModelCorrupt,
                        $"The graph {graph} of '{bundle.Folder}' gives {number} for small inputs."
                    );
                }
            }
            onGraph(graph, output.ToString());
        }
    }

    private static IEnumerable<(string Graph, Dictionary<string, HostTensor> Inputs)> Inputs(ModelBundle bundle)
    {
        var manifest = bundle.Manifest;
        if (manifest.T5 is { } t5)
        {
            var tokens = manifest.Export(GraphKind.T5)?.Fixed("input_ids", 1) ?? Math.Min(TextTokens, t5.MaxTokens);
            yield return ("t5", new() { ["input_ids"] = Ids(tokens, t5.VocabularySize) });
        }
        if (manifest.Clip is { } clip)
        {
            var ids = Ids(clip.MaxTokens, clip.VocabularySize);
            ids.Longs[^1] = clip.EndToken;
            yield return ("clip", new() { ["input_ids"] = ids });
        }
        if (manifest.Autoencoder is { } autoencoder)
        {
            var pixels = LatentSide * autoencoder.PixelsPerLatent;
            yield return ("context-encoder", new() { ["image"] = Wave(1, 3, pixels, pixels) });
            var latents = Wave(1, autoencoder.LatentChannels, LatentSide, LatentSide);
            yield return ("decoder", new() { ["latents"] = latents });
        }
        if (manifest.Transformer is { } transformer)
        {
            const int Tokens = LatentSide * LatentSide / 4;
            var export = manifest.Export(GraphKind.Transformer);
            var textTokens = export?.Fixed("encoder_hidden_states", 1) ?? TextTokens;
            var inputs = new Dictionary<string, HostTensor>
            {
                ["hidden_states"] = Wave(1, Tokens, transformer.InChannels),
                ["encoder_hidden_states"] = Wave(1, textTokens, transformer.TextWidth),
                ["pooled_projections"] = Wave(1, transformer.VectorWidth),
                ["timestep"] = HostTensor.Of([1f], 1),
                ["img_ids"] = HostTensor.Of([0f, 0, 0, 0, 0, 1, 0, 1, 0, 0, 1, 1], Tokens, 3),
                ["txt_ids"] = HostTensor.Zeros(DType.F32, textTokens, 3),
            };
            if (transformer.GuidanceEmbedding)
            {
                inputs["guidance"] = HostTensor.Of([manifest.Sampling.Guidance], 1);
            }
            yield return ("transformer", inputs);
        }
    }

    private static HostTensor Ids(int count, int vocabulary)
    {
        var ids = HostTensor.Zeros(DType.I64, 1, count);
        for (var i = 0; i < count; i++)
        {
            ids.Longs[i] = i % vocabulary;
        }
        return ids;
    }

    /// <summary>Numbers between −1 and 1, no two rows alike.</summary>
    private static HostTensor Wave(params ReadOnlySpan<long> shape)
    {
        var wave = HostTensor.Zeros(DType.F32, shape);
        for (var i = 0; i < wave.Floats.Length; i++)
        {
            wave.Floats[i] = MathF.Sin(i);
        }
        return wave;
    }
}
