using Kontext.Flux.Images;
using Kontext.Flux.Sampling;
using Kontext.Flux.Stages;

namespace Kontext.Worker.Models;

/// <summary>
/// What tasks ask of one loaded model. Everything except <see cref="Start"/> computes on the device and is called on its
/// thread alone.
/// </summary>
internal interface IStageModel : IDisposable
{
    /// <summary>Encodes a prompt.</summary>
    /// <exception cref="Contracts.KontextException">The prompt is too long, or the device failed.</exception>
    Conditioning EncodePrompt(string prompt);

    /// <summary>Encodes a picture, brought to <paramref name="size"/> first.</summary>
    /// <exception cref="Contracts.KontextException">The device failed.</exception>
    PackedLatents EncodeContext(RgbImage image, ImageSize size);

    /// <summary>A sample at its first step, or after those it has behind it.</summary>
    /// <param name="input">What it is made from.</param>
    /// <param name="latents">Latents after <paramref name="step"/> steps; null to begin with noise.</param>
    /// <param name="step">Steps taken.</param>
    ISample Start(DenoiseInput input, PackedLatents? latents, int step);

    /// <summary>Takes samples of equal shape one step further, all together.</summary>
    /// <exception cref="Contracts.KontextException">The device failed; no sample has advanced.</exception>
    void Step(IReadOnlyList<ISample> samples);

    /// <summary>Decodes finished latents.</summary>
    /// <exception cref="Contracts.KontextException">The device failed.</exception>
    RgbImage Decode(PackedLatents latents);

    /// <summary>The file of an image. Needs no device.</summary>
    byte[] ToFile(RgbImage image, ImageFormat format, Provenance provenance);
}
