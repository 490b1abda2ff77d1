namespace Kontext.Flux.Bundles;

/// <summary>How far an import is with a file that it must copy, because it lies where no link to it can be made.</summary>
/// <param name="File">The file that is copied.</param>
/// <param name="Copied">Bytes copied so far; the first report says 0.</param>
/// <param name="Bytes">Bytes in all.</param>
public sealed record CopyProgress(string File, long Copied, long Bytes);
