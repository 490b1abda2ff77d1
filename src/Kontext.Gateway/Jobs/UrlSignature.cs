namespace Kontext.Gateway.Jobs;

/// <summary>What the signature of an image's URL is worth.</summary>
internal enum UrlSignature
{
    /// <summary>There is none, or it is not ours for this image.</summary>
    Wrong,

    /// <summary>It is ours, and its time has passed.</summary>
    Expired,

    /// <summary>Whoever has it may have the image.</summary>
    Valid,
}
