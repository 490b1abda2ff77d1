using Kontext.Contracts;
using Kontext.Flux.Bundles;

namespace Kontext.Flux.Sessions;

/// <summary>
/// The transformer alone on random inputs, for whoever measures it: a bundle without the other parts is enough. What it
/// computes means nothing; how long it takes does not depend on the numbers.
/// </summary>
public sealed class TransformerTrial : IDisposable
{
    private readonly TransformerSession _session;
    private readonly TransformerBatch _batch;

    /// <summary>Loads the transformer and fills its inputs.</summary>
    /// <param name="bundle">The model.</param>
    /// <param name="options">The device.</param>
    /// <param name="batch">Rows.</param>
    /// <param name="textTokens">Tokens of a prompt.</param>
    /// <param name="targetTokens">Tokens of the picture being made, of 16×16 pixels in FLUX.1.</param>
    /// <param name="contextTokens">Tokens of the context pictures.</param>
    /// <exception cref="KontextException">The bundle lacks a transformer, or the device cannot run or hold it.</exception>
    public TransformerTrial(
        ModelBundle bundle,
        DeviceOptions options,
        int batch,
        int textTokens,
        int targetTokens,
        int contextTokens
    )
    {
        _session = TransformerSession.Load(bundle, new(options));
        try
        {
            _batch = _session.Open(new(batch, textTokens, targetTokens, contextTokens));
            var random = new Random(1);
            Fill(_batch.Text, random);
            Fill(_batch.Pooled, random);
            Fill(_batch.Guidance, random);
            Fill(_batch.Context, random);
            Fill(_batch.Latents, random);
            Fill(_batch.Timesteps, random);
            _batch.Positions.Clear();
        }
        catch
        {
            _batch?.Dispose();
            _session.Dispose();
            throw;
        }
    }

    /// <summary>Computes what stays the same over the steps of a picture.</summary>
    /// <exception cref="KontextException">The device failed.</exception>
    public void Prepare() => _batch.Prepare([.. Enumerable.Range(0, _batch.Shape.Batch)]);

    /// <summary>Computes one step, from inputs in the host's memory to a velocity there.</summary>
    /// <returns>Values of the velocity.</returns>
    /// <exception cref="KontextException">The device failed.</exception>
    public int Step() => _batch.Step().Length;

    /// <inheritdoc/>
    public void Dispose()
    {
        _batch.Dispose();
        _session.Dispose();
    }

    private static void Fill(Span<float> values, Random random)
    {
        foreach (ref var value in values)
        {
            value = random.NextSingle();
        }
    }
}
