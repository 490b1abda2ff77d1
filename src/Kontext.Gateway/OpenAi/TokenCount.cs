using Kontext.Contracts.Jobs;
using Kontext.Flux.Sampling;
using Kontext.Gateway.Models;

namespace Kontext.Gateway.OpenAi;

/// <summary>Counts the tokens of a job as the transformer sees them.</summary>
internal static class TokenCount
{
    /// <summary>The usage of a job.</summary>
    /// <param name="spec">The job.</param>
    /// <param name="models">Models announced: the job's says how many tokens of text it reads, whatever the prompt.</param>
    public static TokenUsage Of(JobSpec spec, IReadOnlyList<ServedModel> models)
    {
        var text = models.FirstOrDefault(model => model.Ref == spec.Model)?.Manifest.T5?.MaxTokens ?? 0;
        var read = spec.Contexts.Sum(Tokens);
        var made = spec.Count * Tokens(spec.Width, spec.Height);
        return new(read + text, new(read, text), made, new(made, 0), read + text + made);
    }

    private static long Tokens(JobContext context) =>
        context switch
        {
            PixelContext pixels => Tokens(pixels.Width, pixels.Height),
            LatentContext latents => (long)latents.Rows * latents.Columns,
            _ => 0,
        };

    private static long Tokens(int width, int height) =>
        (long)(width / SizeLimits.Multiple) * (height / SizeLimits.Multiple);
}
