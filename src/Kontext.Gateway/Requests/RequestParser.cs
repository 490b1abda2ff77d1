using Kontext.Contracts;

namespace Kontext.Gateway.Requests;

/// <summary>Reads the body of a request; what it does not take is refused in words of the request's own fields.</summary>
internal static class RequestParser
{
    private const string Number = JsonBody.Number;
    private const string Text = JsonBody.Text;
    private const string WholeNumber = JsonBody.WholeNumber;

    private static readonly Dictionary<string, string> Forms = new(StringComparer.Ordinal)
    {
        ["prompt"] = Text,
        ["model"] = Text,
        ["parent"] = Text,
        ["parent_image"] = WholeNumber,
        ["context"] =
            "a list of {\"image\": base64}, {\"url\": text}, {\"upload\": id} or {\"job\": id, \"image\": number}",
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
        ["webhook"] = "{\"url\": text, \"secret\": text}",
    };

    /// <summary>Reads JSON.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.RequestInvalid"/>.</exception>
    public static JobRequest Parse(ReadOnlySpan<byte> body)
    {
        var request = JsonBody.Read(body, GatewayJson.Default.JobRequest, Forms);
        JsonBody.RefuseUnknown(request.Unknown?.Keys, "");
        JsonBody.RefuseUnknown(request.Webhook?.Unknown?.Keys, "webhook.");
        foreach (var (context, i) in (request.Context ?? []).Select((context, i) => (context, i)))
        {
            JsonBody.RefuseUnknown(context?.Unknown?.Keys, $"context[{i}].");
        }
        return request;
    }
}
