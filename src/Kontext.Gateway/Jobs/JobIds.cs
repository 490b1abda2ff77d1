using System.Globalization;
using System.Security.Cryptography;
using Kontext.Storage;

namespace Kontext.Gateway.Jobs;

/// <summary>Ids of jobs: 128 bits as 32 hexadecimal digits.</summary>
internal static class JobIds
{
    private const int Digits = 32;

    /// <summary>FLUX.1's reference draws noise from a generator of 32 bits: larger seeds would repeat smaller ones.</summary>
    private const int SeedDigits = 8;

    /// <summary>An id that nobody can guess.</summary>
    public static string Random() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Digits / 2));

    /// <summary>The id that a tenant's Idempotency-Key stands for: the same key, the same job.</summary>
    public static string OfKey(TenantKeys keys, string tenant, string key) => keys.Key(tenant, "job", key)[..Digits];

    /// <summary>Whether a text is an id: ids become names of objects, so nothing else may.</summary>
    public static bool IsValid(string text) =>
        text.Length == Digits && text.All(digit => char.IsAsciiDigit(digit) || digit is >= 'a' and <= 'f');

    /// <summary>The seed of a job that was given none. A request that is accepted twice under one id is the same job.</summary>
    public static long Seed(string id) =>
        uint.Parse(id.AsSpan(Digits - SeedDigits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
