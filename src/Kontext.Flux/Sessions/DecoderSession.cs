using System.Numerics.Tensors;
using Kontext.Flux.Bundles;
using Kontext.Flux.Graphs;

namespace Kontext.Flux.Sessions;

/// <summary>The decoder half of the autoencoder: latents as the transformer makes them to images.</summary>
internal sealed class DecoderSession(ModelBundle bundle, Device device) : IDisposable
{
    private readonly AutoencoderConfig _config = bundle.Autoencoder;
    private readonly LatentForm _form = bundle.Manifest.Export(GraphKind.Decoder)?.Latents ?? LatentForm.Scaled;
    private readonly GraphSession _graph = GraphSession.Load(
        bundle.Graph(GraphKind.Decoder, device.Options.EffectivePrecision),
        device
    );

    /// <summary>Memory for latents [batch, channels, height, width], to fill before every <see cref="Run"/>.</summary>
    public Span<float> Latents(int batch, int height, int width) =>
        _graph.Input<float>("latents", batch, _config.LatentChannels, height, width);

    /// <summary>Decodes what <see cref="Latents"/> holds, which is used up by it.</summary>
    /// <returns>Images [batch, 3, height·8, width·8], about −1…1, valid until the next call.</returns>
    public ReadOnlySpan<float> Run(int batch, int height, int width)
    {
        if (_form == LatentForm.Plain)
        {
            var latents = Latents(batch, height, width);
            TensorPrimitives.Divide(latents, _config.Scale, latents);
            TensorPrimitives.Add(latents, _config.Shift, latents);
        }
        var scale = _config.PixelsPerLatent;
        var image = _graph.Output("image", batch, 3, height * scale, width * scale);
        _graph.Run();
        return image;
    }

    /// <inheritdoc/>
    public void Dispose() => _graph.Dispose();
}
