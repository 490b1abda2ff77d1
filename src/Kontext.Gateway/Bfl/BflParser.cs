using System.Text.Json;
using Kontext.Contracts;
using Kontext.Flux.Sampling;
using Kontext.Gateway.Requests;

namespace Kontext.Gateway.Bfl;

/// <summary>Reads requests of the BFL interface as requests of our own.</summary>
internal static class BflParser
{
    private const int MostTolerance = 6;

    /// <summary>The format of images when none is asked for.</summary>
    private const string DefaultFormat = "jpeg";

    private const string Picture = "base64 or a URL";

    private static readonly Dictionary<string, string> Forms = new(StringComparer.Ordinal)
    {
        ["prompt"] = JsonBody.Text,
        ["input_image"] = Picture,
        ["aspect_ratio"] = "text such as \"16:9\"",
        ["width"] = JsonBody.WholeNumber,
        ["height"] = JsonBody.WholeNumber,
        ["steps"] = JsonBody.WholeNumber,
        ["guidance"] = JsonBody.Number,
        ["seed"] = JsonBody.WholeNumber,
        ["output_format"] = JsonBody.Text,
        ["webhook_url"] = JsonBody.Text,
        ["webhook_secret"] = JsonBody.Text,
        ["prompt_upsampling"] = JsonBody.Flag,
        ["safety_tolerance"] = JsonBody.WholeNumber,
    };

    static BflParser()
    {
        for (var i = 2; i <= 10; i++)
        {
            Forms[$"input_image_{i}"] = Picture;
        }
    }

    /// <summary>Reads a body.</summary>
    /// <param name="body">JSON.</param>
    /// <param name="model">The name that the path gives.</param>
    /// <exception cref="KontextException"><see cref="ErrorCode.RequestInvalid"/>, <see cref="ErrorCode.SizeInvalid"/>.</exception>
    public static JobRequest Parse(ReadOnlySpan<byte> body, string model)
    {
        var request = JsonBody.Read(body, BflJson.Default.BflRequest, Forms);
        JsonBody.RefuseUnknown(request.Unknown?.Keys, "");
        Refuse(
            "mask",
            request.Mask is { ValueKind: not JsonValueKind.Null },
            "takes nothing: the model edits by words alone, say in 'prompt' what to change."
        );
        Refuse("prompt_upsampling", request.PromptUpsampling == true, "must be false: prompts are taken as they are.");
        Refuse(
            "safety_tolerance",
            request.SafetyTolerance is < 0 or > MostTolerance,
            $"must be from 0 to {MostTolerance}, not {request.SafetyTolerance}."
        );
        Refuse(
            "webhook_secret",
            request is { WebhookSecret: not null, WebhookUrl: null },
            "has no effect without 'webhook_url'."
        );
        var (width, height, ratio) = Size(request);
        return new()
        {
            Prompt = request.Prompt,
            Model = model,
            Context = [.. request.Pictures().Select(picture => picture.Picture.ToContext(picture.Field))],
            Width = width,
            Height = height,
            AspectRatio = ratio,
            Steps = request.Steps,
            Guidance = request.Guidance,
            Seed = request.Seed,
            Format = request.OutputFormat ?? DefaultFormat,
            Webhook = request.WebhookUrl is { } url ? new() { Url = url, Secret = request.WebhookSecret } : null,
        };
    }

    /// <summary>
    /// Clients that are asked for a size send it with the shape it has: then the size counts. Where the two differ the shape
    /// counts, as it does at BFL.
    /// </summary>
    private static (int? Width, int? Height, string? Ratio) Size(BflRequest request)
    {
        if (request is not { AspectRatio: { } text, Width: { } width, Height: { } height })
        {
            return request.AspectRatio is { } alone ? (null, null, alone) : (request.Width, request.Height, null);
        }
        var ratio = AspectRatio.Parse(text);
        return (long)ratio.Width * height == (long)ratio.Height * width ? (width, height, null) : (null, null, text);
    }

    private static void Refuse(string field, bool wrong, string why)
    {
        if (wrong)
        {
            throw JsonBody.Invalid($"'{field}' {why}", field);
        }
    }
}
