using System.Text.Json;
using Kontext.Contracts;

namespace Kontext.Gateway.Requests;

/// <summary>Reads the body of a request; what it does not take is refused in words of the request's own fields.</summary>
internal static class RequestParser
{
    private const string Number = "a number";
    private const string Text = "text";
    private const string WholeNumber = "a whole number";

    private static readonly Dictionary<string, string> Forms = new(StringComparer.Ordinal)
    {
        ["prompt"] = Text,
        ["model"] = Text,
        ["parent"] = Text,
        ["parent_image"] = WholeNumber,
        ["context"] = "a list of {\"image\": base64}, {\"upload\": id} or {\"job\": id, \"image\": number}",
        ["width"] = WholeNumber,
        ["height"] = WholeNumber,
        ["aspect_ratio"] = "text such as \"16:9\"",
        ["steps"] = WholeNumber,
        ["guidance"] = Number,
        ["negative_prompt"] = Text,
        ["true_cfg"] = Number,
        ["seed"] = WholeNumber,
        ["count"] = WholeNumber,
        ["format"] = Text,
        ["priority"] = Text,
        ["deadline"] = "text, a time of RFC 3339",
    };

    /// <summary>Reads JSON.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.RequestInvalid"/>.</exception>
    public static JobRequest Parse(ReadOnlySpan<byte> body)
    {
        JobRequest request;
        try
        {
            request =
                JsonSerializer.Deserialize(body, GatewayJson.Default.JobRequest)
                ?? throw Invalid("The body must be a JSON object.");
        }
        catch (JsonException error)
        {
            throw Invalid(Describe(error), error);
        }
        RefuseUnknown(request.Unknown?.Keys, "");
        foreach (var (context, i) in (request.Context ?? []).Select((context, i) => (context, i)))
        {
            RefuseUnknown(context?.Unknown?.Keys, $"context[{i}].");
        }
        return request;
    }

    private static void RefuseUnknown(IEnumerable<string>? names, string place)
    {
        if (names?.FirstOrDefault() is { } name)
        {
            throw Invalid($"There is no field '{place}{name}'.");
        }
    }

    private static string Describe(JsonException error)
    {
        // What the reader itself finds comes wrapped; what a field's type does not take does not.
        if (error.InnerException is JsonException || error.Path is null)
        {
            return $"The body is not valid JSON, at line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}.";
        }
        var path = error.Path.TrimStart('$').TrimStart('.');
        var field = path.Split('.', '[')[0];
        return path.Length == 0 ? "The body must be a JSON object, with no field given twice."
            : Forms.TryGetValue(field, out var form) ? $"'{path}' is not of its form: '{field}' is {form}."
            : $"'{path}' cannot be read.";
    }

    private static KontextException Invalid(string message, Exception? inner = null) =>
        new(ErrorCode.RequestInvalid, message, inner);
}
