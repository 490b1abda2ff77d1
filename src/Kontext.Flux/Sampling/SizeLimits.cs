namespace Kontext.Flux.Sampling;

/// <summary>Which image sizes a model makes.</summary>
/// <param name="MinPixels">Fewest pixels, width times height.</param>
/// <param name="MaxPixels">Most pixels, width times height.</param>
public sealed record SizeLimits(long MinPixels, long MaxPixels)
{
    /// <summary>Both sides are multiples of this: 8 pixels to a latent, 2 latents to a token.</summary>
    public const int Multiple = 16;

    /// <summary>Whether the model makes this size.</summary>
    public bool Allows(ImageSize size) =>
        size is { Width: > 0, Height: > 0 }
        && size.Width % Multiple == 0
        && size.Height % Multiple == 0
        && size.Pixels >= MinPixels
        && size.Pixels <= MaxPixels;
}
