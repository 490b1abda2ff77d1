namespace Kontext.Gateway.Uploads;

/// <summary>A picture that is kept for jobs to come.</summary>
/// <param name="Id">What a context names it by.</param>
/// <param name="Width">Width in pixels, upright.</param>
/// <param name="Height">Height in pixels, upright.</param>
/// <param name="Format"><c>png</c>, <c>jpeg</c> or <c>webp</c>.</param>
/// <param name="Bytes">Length of the file.</param>
/// <param name="ExpiresAt">Until when it is kept; null: until it is deleted.</param>
public sealed record UploadView(string Id, int Width, int Height, string Format, int Bytes, DateTimeOffset? ExpiresAt);
