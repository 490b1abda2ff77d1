using Kontext.Contracts;
using Microsoft.AspNetCore.Http;

namespace Kontext.Gateway.Requests;

/// <summary>The header Idempotency-Key (draft-ietf-httpapi-idempotency-key-header).</summary>
internal static class IdempotencyKey
{
    private const string Header = "Idempotency-Key";
    private const int MaxLength = 255;

    /// <summary>The key of a request, or null.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.RequestInvalid"/>: it is empty, too long or not visible.</exception>
    public static string? Of(HttpRequest request)
    {
        var values = request.Headers[Header];
        if (values.Count == 0)
        {
            return null;
        }
        return values is [{ Length: > 0 and <= MaxLength } key] && key.All(character => character is > ' ' and <= '~')
            ? key
            : throw new KontextException(
                ErrorCode.RequestInvalid,
                $"The header {Header} takes one value of 1 to {MaxLength} visible ASCII characters."
            );
    }
}
