using Kontext.Contracts;
using Kontext.Gateway.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Kontext.Gateway.Uploads;

/// <summary>The picture in the body of an upload: the body itself, or the part <c>file</c> of a form.</summary>
internal static class UploadBody
{
    private const string FilePart = "file";

    /// <summary>RFC 2046, section 5.1.1.</summary>
    private const int LongestBoundary = 70;

    /// <summary>Whether a body of this media type can hold a picture. What it is, its bytes tell.</summary>
    public static bool IsTaken(HttpRequest request) => IsPicture(request) || Boundary(request) is not null;

    /// <summary>The file's bytes.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.RequestInvalid"/>: the form is not of its form.</exception>
    public static async Task<byte[]> ReadAsync(
        HttpRequest request,
        BodyReader bodies,
        CancellationToken cancellationToken
    )
    {
        var body = await bodies.ReadAsync(request, cancellationToken);
        return Boundary(request) is { } boundary ? await FileOfAsync(body, boundary, cancellationToken) : body;
    }

    private static bool IsPicture(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && (
            type.Type.Equals("image", StringComparison.OrdinalIgnoreCase)
            || type.MediaType.Equals("application/octet-stream", StringComparison.OrdinalIgnoreCase)
        );

    private static string? Boundary(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
        && HeaderUtilities.RemoveQuotes(type.Boundary).Value is { Length: > 0 and <= LongestBoundary } boundary
            ? boundary
            : null;

    private static async Task<byte[]> FileOfAsync(byte[] body, string boundary, CancellationToken cancellationToken)
    {
        byte[]? file = null;
        try
        {
            var reader = new MultipartReader(boundary, new MemoryStream(body));
            while (await reader.ReadNextSectionAsync(cancellationToken) is { } section)
            {
                var name = section.GetContentDispositionHeader()?.Name.Value;
                if (HeaderUtilities.RemoveQuotes(name).Value != FilePart || file is not null)
                {
                    throw Invalid($"The form takes one part, '{FilePart}'.");
                }
                using var content = new MemoryStream();
                await section.Body.CopyToAsync(content, cancellationToken);
                file = content.ToArray();
            }
        }
        catch (Exception error) when (error is InvalidDataException or IOException or FormatException)
        {
            throw Invalid($"The form cannot be read: {error.Message}", error);
        }
        return file ?? throw Invalid($"The form has no part '{FilePart}'.");
    }

    private static KontextException Invalid(string message, Exception? inner = null) =>
        new(ErrorCode.RequestInvalid, message, inner);
}
