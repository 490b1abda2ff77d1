namespace Kontext.Contracts.Jobs;

/// <summary>
/// A model, pinned: a name alone may mean other weights tomorrow. A job keeps the one it was accepted with, and a worker
/// takes tasks only of bundles it has.
/// </summary>
/// <param name="Name">Name of the bundle.</param>
/// <param name="Digest">Digest of its content, <c>sha256:…</c>.</param>
public sealed record ModelRef(string Name, string Digest)
{
    private const int ShownDigits = 8;

    /// <summary>Name and the first digits of the digest, as lanes carry them.</summary>
    public string Short
    {
        get
        {
            var digits = Digest[(Digest.IndexOf(':') + 1)..];
            return $"{Name}-{digits[..Math.Min(ShownDigits, digits.Length)]}";
        }
    }
}
