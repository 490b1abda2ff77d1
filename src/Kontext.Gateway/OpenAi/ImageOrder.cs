using Kontext.Contracts;
using Kontext.Gateway.Requests;

namespace Kontext.Gateway.OpenAi;

/// <summary>A request of the OpenAI interface that is right as far as it goes: what to make, and how to answer.</summary>
/// <param name="Job">What to make.</param>
/// <param name="AsUrl">Whether images are answered as URLs.</param>
/// <param name="Stream">Whether to answer with events.</param>
/// <param name="Partials">Pictures on the way, per image.</param>
/// <param name="Quality">As it was asked for: the answer repeats it.</param>
internal sealed record ImageOrder(JobRequest Job, bool AsUrl, bool Stream, int Partials, string Quality)
{
    private const string Auto = "auto";
    private const int MostPartials = 3;

    /// <summary>OpenAI's own default, so that clients that always send it are served.</summary>
    private const int UsualCompression = 100;

    private static readonly string[] Qualities = [Auto, "low", "medium", "high", "standard", "hd"];
    private static readonly string[] Backgrounds = [Auto, "opaque"];
    private static readonly string[] Moderations = [Auto, "low"];
    private static readonly string[] Fidelities = ["low", "high"];
    private static readonly string[] Styles = ["vivid", "natural"];
    private static readonly string[] Responses = ["b64_json", "url"];

    /// <summary>Checks a request.</summary>
    /// <param name="request">What was sent.</param>
    /// <param name="pictures">Pictures to edit.</param>
    /// <exception cref="KontextException"><see cref="ErrorCode.RequestInvalid"/>, <see cref="ErrorCode.SizeInvalid"/>.</exception>
    public static ImageOrder Of(ImageRequest request, IReadOnlyList<ContextRequest> pictures)
    {
        Choose("background", request.Background, Backgrounds);
        Choose("moderation", request.Moderation, Moderations);
        Choose("input_fidelity", request.InputFidelity, Fidelities);
        Choose("style", request.Style, Styles);
        var quality = Choose("quality", request.Quality, Qualities);
        var response = Choose("response_format", request.ResponseFormat, Responses);
        if (request.OutputCompression is not (null or UsualCompression))
        {
            throw JsonBody.Invalid(
                $"'output_compression' must be {UsualCompression} or left out: how strongly files are compressed is fixed.",
                "output_compression"
            );
        }
        if (request.PartialImages is < 0 or > MostPartials)
        {
            throw JsonBody.Invalid($"'partial_images' must be from 0 to {MostPartials}.", "partial_images");
        }
        var stream = request.Stream ?? false;
        if (stream && response == "url")
        {
            throw JsonBody.Invalid("'response_format' must be b64_json where 'stream' is true.", "response_format");
        }
        var (width, height) = Size(request.Size);
        return new(
            new()
            {
                Prompt = request.Prompt,
                Model = request.Model,
                Context = pictures,
                Width = width,
                Height = height,
                Steps = request.Steps,
                Guidance = request.Guidance,
                Seed = request.Seed,
                Count = request.N,
                Format = request.OutputFormat,
            },
            AsUrl: response == "url",
            stream,
            request.PartialImages ?? 0,
            quality ?? Auto
        );
    }

    private static (int? Width, int? Height) Size(string? text)
    {
        if (text is null or Auto)
        {
            return (null, null);
        }
        return
            text.Split('x') is [var width, var height]
            && int.TryParse(width, out var columns)
            && int.TryParse(height, out var rows)
            ? (columns, rows)
            : throw new KontextException(
                ErrorCode.SizeInvalid,
                "'size' must be WIDTHxHEIGHT in whole numbers, such as 1024x1024, or auto."
            );
    }

    private static string? Choose(string field, string? value, string[] known) =>
        value is null || known.Contains(value)
            ? value
            : throw JsonBody.Invalid($"'{field}' must be one of {string.Join(", ", known)}.", field);
}
