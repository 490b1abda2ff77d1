using Kontext.Contracts;
using Kontext.Flux.Bundles;
using Kontext.Flux.Images;
using Kontext.Flux.Sampling;
using Kontext.Flux.Sessions;

namespace Kontext.Flux.Stages;

/// <summary>Turns finished latents into pictures. Used by one thread at a time.</summary>
public sealed class DecodeStage : IDisposable
{
    private readonly ModelBundle _bundle;
    private readonly DecoderSession _decoder;

    /// <summary>Loads the decoder.</summary>
    /// <exception cref="KontextException">The bundle lacks it, or the device cannot run it.</exception>
    public DecodeStage(ModelBundle bundle, DeviceOptions options)
    {
        _bundle = bundle;
        _decoder = new DecoderSession(bundle, new Device(options));
    }

    /// <summary>Decodes one image.</summary>
    /// <exception cref="KontextException">The device failed or ran out of memory.</exception>
    public RgbImage Decode(PackedLatents latents)
    {
        var (height, width) = (latents.Rows * 2, latents.Columns * 2);
        var planes = _decoder.Latents(1, height, width);
        LatentPacking.Unpack(latents.Tokens, planes, _bundle.Autoencoder.LatentChannels, height, width);
        var scale = _bundle.Autoencoder.PixelsPerLatent;
        return ImageTensor.ToImage(_decoder.Run(1, height, width), width * scale, height * scale);
    }

    /// <inheritdoc/>
    public void Dispose() => _decoder.Dispose();
}
