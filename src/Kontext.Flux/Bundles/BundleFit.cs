using Kontext.Contracts;

namespace Kontext.Flux.Bundles;

/// <summary>Whether a bundle has all parts and they fit one another.</summary>
public static class BundleFit
{
    /// <summary>What keeps the bundle from making pictures, one sentence each; empty if nothing does.</summary>
    public static IReadOnlyList<string> Problems(ModelManifest manifest)
    {
        var problems = new List<string>();
        string[] missing =
        [
            .. new (string Name, object? Part)[]
            {
                ("transformer", manifest.Transformer),
                ("autoencoder", manifest.Autoencoder),
                ("t5", manifest.T5),
                ("clip", manifest.Clip),
            }
                .Where(part => part.Part is null)
                .Select(part => part.Name),
        ];
        if (missing.Length > 0)
        {
            problems.Add($"It lacks {string.Join(", ", missing)}.");
        }
        string[] files = [ModelBundle.T5Pieces, ModelBundle.ClipVocabulary, ModelBundle.ClipMerges];
        problems.AddRange(files.Where(file => !manifest.Files.ContainsKey(file)).Select(file => $"It lacks '{file}'."));
        if (manifest is { Transformer: { } transformer, Autoencoder: { } autoencoder, T5: { } t5, Clip: { } clip })
        {
            Compare("T5's width", t5.HiddenSize, "the transformer's text width", transformer.TextWidth);
            Compare("CLIP's width", clip.HiddenSize, "the transformer's vector width", transformer.VectorWidth);
            Compare(
                "four times the autoencoder's latent channels",
                autoencoder.LatentChannels * 4,
                "the transformer's input width",
                transformer.InChannels
            );
            Compare("the autoencoder's pixels per latent", autoencoder.PixelsPerLatent, "what FLUX uses", 8);
            if (manifest.Export(GraphKind.Transformer)?.Fixed("encoder_hidden_states", 1) is { } tokens)
            {
                Compare("T5's length of a prompt", t5.MaxTokens, "that of the exported transformer", tokens);
            }
        }
        return problems;

        void Compare(string left, int leftValue, string right, int rightValue)
        {
            if (leftValue != rightValue)
            {
                problems.Add($"{left} is {leftValue}, {right} is {rightValue}.");
            }
        }
    }

    /// <summary>Refuses a bundle that cannot make pictures.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ModelIncomplete"/>, with all problems.</exception>
    public static void Check(ModelBundle bundle)
    {
        if (Problems(bundle.Manifest) is { Count: > 0 } problems)
        {
            throw new KontextException(
                ErrorCode.ModelIncomplete,
                $"Model '{bundle.Manifest.Name}' cannot make pictures. {string.Join(" ", problems)}"
            );
        }
    }
}
