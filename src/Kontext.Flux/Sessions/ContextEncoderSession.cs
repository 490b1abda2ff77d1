using System.Numerics.Tensors;
using Kontext.Flux.Bundles;
using Kontext.Flux.Graphs;

namespace Kontext.Flux.Sessions;

/// <summary>The encoder half of the autoencoder: images to latents, scaled and shifted as the transformer takes them.</summary>
internal sealed class ContextEncoderSession(ModelBundle bundle, Device device) : IDisposable
{
    private readonly AutoencoderConfig _config = bundle.Autoencoder;
    private readonly LatentForm _form = bundle.Manifest.Export(GraphKind.ContextEncoder)?.Latents ?? LatentForm.Scaled;
    private readonly GraphSession _graph = GraphSession.Load(
        bundle.Graph(GraphKind.ContextEncoder, device.Options.EffectivePrecision),
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
        var channels = _form == LatentForm.MeanLogVariance ? 2 * _config.LatentChannels : _config.LatentChannels;
        var latents = _graph.Output("latents", batch, channels, height / scale, width / scale);
        _graph.Run();
        return _form == LatentForm.Scaled ? latents : Scaled(latents, batch);
    }

    /// <inheritdoc/>
    public void Dispose() => _graph.Dispose();

    /// <summary>(z − shift) · scale of each row's mean, which comes before its variance if there is one.</summary>
    private float[] Scaled(ReadOnlySpan<float> latents, int batch)
    {
        var row = latents.Length / batch;
        var mean = _form == LatentForm.MeanLogVariance ? row / 2 : row;
        var scaled = new float[batch * mean];
        for (var i = 0; i < batch; i++)
        {
            var target = scaled.AsSpan(i * mean, mean);
            TensorPrimitives.Subtract(latents.Slice(i * row, mean), _config.Shift, target);
            TensorPrimitives.Multiply(target, _config.Scale, target);
        }
        return scaled;
    }
}
