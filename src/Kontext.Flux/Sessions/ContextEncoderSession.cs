using Kontext.Flux.Bundles;
using Kontext.Flux.Graphs;

namespace Kontext.Flux.Sessions;

/// <summary>The encoder half of the autoencoder: images to latents, scaled and shifted as the transformer takes them.</summary>
internal sealed class ContextEncoderSession(ModelBundle bundle, Device device) : IDisposable
{
    private readonly AutoencoderConfig _config = bundle.Autoencoder;
    private readonly GraphSession _graph = GraphSession.Load(
        bundle.GraphPath(GraphKind.ContextEncoder, device.Options.EffectivePrecision),
        device
    );

    /// <summary>Memory for images [batch, 3, height, width] in −1…1, to fill before <see cref="Run"/>.</summary>
    public Span<float> Images(int batch, int height, int width) =>
        _graph.Input<float>("image", batch, 3, height, width);

    /// <summary>Encodes what <see cref="Images"/> holds.</summary>
    /// <returns>Latents [batch, channels, height/8, width/8], valid until the next call.</returns>
    public ReadOnlySpan<float> Run(int batch, int height, int width)
    {
        var scale = _config.PixelsPerLatent;
        var latents = _graph.Output("latents", batch, _config.LatentChannels, height / scale, width / scale);
        _graph.Run();
        return latents;
    }

    /// <inheritdoc/>
    public void Dispose() => _graph.Dispose();
}
