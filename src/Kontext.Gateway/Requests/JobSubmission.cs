using System.Security.Cryptography;

namespace Kontext.Gateway.Requests;

/// <summary>A request to make something, from whichever interface it came.</summary>
/// <param name="Tenant">Whose it is.</param>
/// <param name="Key">The Idempotency-Key, or null.</param>
/// <param name="BodyDigest">SHA-256 of the body as it came, in hexadecimal: tells one request from another under the same key.</param>
/// <param name="Request">What is asked for.</param>
internal sealed record JobSubmission(string Tenant, string? Key, string BodyDigest, JobRequest Request)
{
    /// <summary>The submission that a body of the native interface makes.</summary>
    /// <exception cref="Contracts.KontextException"><see cref="Contracts.ErrorCode.RequestInvalid"/>.</exception>
    public static JobSubmission Of(string tenant, string? key, ReadOnlySpan<byte> body) =>
        new(tenant, key, Convert.ToHexStringLower(SHA256.HashData(body)), RequestParser.Parse(body));
}
