using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Flux.Images;
using Kontext.Flux.Sampling;
using Kontext.Flux.Stages;

namespace Kontext.Gateway.Requests;

/// <summary>What a request says, field by field, as far as no model and no other job is needed to tell whether it is right.</summary>
/// <param name="Generation">What to make; contexts are added once they are known.</param>
/// <param name="Format">File format.</param>
/// <param name="Priority">How urgent it is.</param>
/// <param name="Deadline">When it is worth nothing any more.</param>
internal sealed record RequestCheck(
    GenerationRequest Generation,
    ImageFormat Format,
    Priority Priority,
    DateTimeOffset? Deadline
)
{
    /// <summary>
    /// Longest prompt, in characters: several times what any text encoder reads, and short enough to travel in messages.
    /// Whether it has more tokens than the model reads, the encode stage finds.
    /// </summary>
    private const int MaxPromptLength = 16_384;

    /// <summary>Checks a request.</summary>
    /// <exception cref="KontextException">The message says what is wrong.</exception>
    public static RequestCheck Of(JobRequest request, DateTimeOffset now) =>
        new(
            new()
            {
                Prompt = Prompt("prompt", request.Prompt) ?? "",
                NegativePrompt = NegativePrompt(request),
                TrueCfgScale = request.TrueCfg ?? 1f,
                Size = Size(request),
                AspectRatio = request.AspectRatio is { } ratio ? AspectRatio.Parse(ratio) : null,
                Steps = request.Steps,
                Guidance = request.Guidance,
                Seed = Seed(request.Seed),
                Count = GenerationPlan.CheckCount(request.Count ?? 1),
            },
            Choice<ImageFormat>("format", request.Format) ?? ImageFormat.Png,
            Choice<Priority>("priority", request.Priority) ?? Priority.Standard,
            ParseDeadline(request.Deadline, now)
        );

    private static string? Prompt(string field, string? text) =>
        text?.Length > MaxPromptLength
            ? throw new KontextException(
                ErrorCode.PromptTooLong,
                $"'{field}' has {text.Length} characters; at most {MaxPromptLength} are taken."
            )
            : text;

    private static string? NegativePrompt(JobRequest request)
    {
        var negative = Prompt("negative_prompt", request.NegativePrompt);
        return (negative, request.TrueCfg ?? 1f) switch
        {
            (not null, <= 1f) => throw Invalid("'negative_prompt' has no effect without 'true_cfg' above 1."),
            (null, not 1f) => throw Invalid("'true_cfg' needs a 'negative_prompt'."),
            _ => negative,
        };
    }

    private static ImageSize? Size(JobRequest request) =>
        (request.Width, request.Height) switch
        {
            ({ } width, { } height) => new ImageSize(width, height),
            (null, null) => null,
            _ => throw new KontextException(
                ErrorCode.SizeInvalid,
                "'width' and 'height' go together; one of them is missing."
            ),
        };

    private static long? Seed(long? seed) =>
        seed is < 0 or > GenerationPlan.MaxSeed
            ? throw Invalid($"'seed' must be from 0 to {GenerationPlan.MaxSeed}, not {seed}.")
            : seed;

    private static T? Choice<T>(string field, string? name)
        where T : struct, Enum
    {
        if (name is null)
        {
            return null;
        }
        string[] names = [.. Enum.GetNames<T>().Select(known => known.ToLowerInvariant())];
        var index = Array.IndexOf(names, name);
        return index >= 0
            ? Enum.GetValues<T>()[index]
            : throw Invalid($"'{field}' must be one of {string.Join(", ", names)}, not '{Shorten(name)}'.");
    }

    private static DateTimeOffset? ParseDeadline(string? text, DateTimeOffset now)
    {
        if (text is null)
        {
            return null;
        }
        if (!Rfc3339.TryParse(text, out var deadline))
        {
            throw new KontextException(
                ErrorCode.DeadlineInvalid,
                $"'{Shorten(text)}' is not a time of RFC 3339, such as 2030-01-31T12:00:00Z."
            );
        }
        return deadline > now
            ? deadline
            : throw new KontextException(ErrorCode.DeadlineInvalid, $"The deadline {deadline:O} has passed.");
    }

    private static string Shorten(string text) => text.Length <= 40 ? text : string.Concat(text.AsSpan(0, 40), "…");

    private static KontextException Invalid(string message) => new(ErrorCode.RequestInvalid, message);
}
