using System.Security.Cryptography;

namespace Kontext.Flux.Bundles;

/// <summary>
/// What a file must be. Files up to 64 MiB are hashed whole. Of larger ones a <see cref="FileFingerprint"/> is kept, so
/// that an import does not read them, and also their SHA-256 where the hub cache they lie in tells it.
/// </summary>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">SHA-256 of all of it in lower-case hexadecimal, if that is known.</param>
/// <param name="Fingerprint">Fingerprint of a large file in lower-case hexadecimal.</param>
public sealed record FileDigest(long Bytes, string? Sha256 = null, string? Fingerprint = null)
{
    /// <summary>Larger files are not read whole at import: a disk may need a minute for FLUX.1's 24 GB.</summary>
    internal const long HashedWholeUpTo = 64 << 20;

    /// <summary>Whether the content can be told from any other.</summary>
    internal bool IsOfAllContent => Sha256 is not null;

    /// <summary>What of it can be compared without reading a large file.</summary>
    internal FileDigest Quick => Fingerprint is null ? this : this with { Sha256 = null };

    /// <summary>Takes the digest of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="published">Its SHA-256 as a hub cache tells it, for a file too large to be read.</param>
    internal static FileDigest Of(string path, string? published = null)
    {
        using var file = File.OpenHandle(path);
        var length = RandomAccess.GetLength(file);
        return length <= HashedWholeUpTo
            ? new(length, Sha256Of(path, CancellationToken.None))
            : new(length, published, FileFingerprint.Of(file));
    }

    /// <summary>Whether a file is what this says, as far as this says it.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    internal bool Fits(string path, CancellationToken cancellationToken)
    {
        using var file = File.OpenHandle(path);
        return RandomAccess.GetLength(file) == Bytes
            && (Sha256 is not null || Fingerprint is not null)
            && (Fingerprint is null || FileFingerprint.Of(file) == Fingerprint)
            && (Sha256 is null || Sha256Of(path, cancellationToken) == Sha256);
    }

    private static string Sha256Of(string path, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var stream = File.OpenRead(path);
        var buffer = new byte[1 << 20];
        for (var read = stream.Read(buffer); read > 0; read = stream.Read(buffer))
        {
            cancellationToken.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, read);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
