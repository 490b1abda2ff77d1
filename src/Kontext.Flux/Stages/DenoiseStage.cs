using Kontext.Contracts;
using Kontext.Flux.Bundles;
using Kontext.Flux.Sampling;
using Kontext.Flux.Sessions;

namespace Kontext.Flux.Stages;

/// <summary>
/// Takes samples one step further, several at once. Samples may differ in prompt, seed, guidance, number of steps and
/// step index; they must agree in the number of text, target and context tokens. What is constant over the steps is
/// bound once and stays bound while the same samples come again. Used by one thread at a time.
/// </summary>
public sealed class DenoiseStage : IDisposable
{
    private readonly TransformerSession _transformer;
    private DenoiseSample[] _bound = [];
    private Row[] _rows = [];
    private BatchShape _shape;

    /// <summary>Loads the transformer.</summary>
    /// <exception cref="KontextException">The bundle lacks it, or the device cannot run it.</exception>
    public DenoiseStage(ModelBundle bundle, DeviceOptions options) =>
        _transformer = TransformerSession.Load(bundle, new Device(options));

    /// <summary>Takes every sample one step further.</summary>
    /// <exception cref="ArgumentException">No sample, one twice, samples of different shape, or a finished one.</exception>
    /// <exception cref="KontextException">The device failed or ran out of memory; no sample has advanced.</exception>
    public void Step(IReadOnlyList<DenoiseSample> samples)
    {
        if (
            samples.Count == 0
            || samples.Any(sample => sample.IsDone || sample.RowShape != samples[0].RowShape)
            || samples.Distinct().Count() != samples.Count
        )
        {
            throw new ArgumentException("A batch is different unfinished samples of one shape.", nameof(samples));
        }
        if (!samples.SequenceEqual(_bound))
        {
            Bind(samples);
        }
        var latents = _transformer.Latents(_shape);
        var timesteps = _transformer.Timesteps(_shape);
        for (var row = 0; row < _rows.Length; row++)
        {
            var sample = _rows[row].Sample;
            sample.Latents.Tokens.CopyTo(RowOf(latents, row));
            timesteps[row] = sample.Sigma;
        }
        Advance(_transformer.Step(_shape));
    }

    /// <inheritdoc/>
    public void Dispose() => _transformer.Dispose();

    /// <summary>Lays samples out in rows, one each and a second for a negative prompt, and prepares them.</summary>
    private void Bind(IReadOnlyList<DenoiseSample> samples)
    {
        // Nothing is bound until all of it is: a failure below must not leave half a batch behind.
        _bound = [];
        _rows = [.. samples.SelectMany(Rows)];
        _shape = samples[0].RowShape with { Batch = _rows.Length };

        var text = _transformer.Text(_shape);
        var pooled = _transformer.Pooled(_shape);
        var guidance = _transformer.Guidance(_shape);
        var context = _transformer.Context(_shape);
        var positions = _transformer.Positions(_shape);
        for (var row = 0; row < _rows.Length; row++)
        {
            var (sample, conditioning) = _rows[row];
            conditioning.Text.CopyTo(RowOf(text, row));
            conditioning.Pooled.CopyTo(RowOf(pooled, row));
            if (!guidance.IsEmpty)
            {
                guidance[row] = sample.Input.Guidance;
            }
            var tokens = RowOf(context, row);
            foreach (var image in sample.Input.Contexts)
            {
                image.Tokens.CopyTo(tokens);
                tokens = tokens[image.Tokens.Length..];
            }
            Positions(sample).CopyTo(RowOf(positions, row));
        }
        _transformer.Prepare(_shape);
        _bound = [.. samples];
    }

    private void Advance(ReadOnlySpan<float> velocities)
    {
        var length = velocities.Length / _rows.Length;
        for (var row = 0; row < _rows.Length; row++)
        {
            var sample = _rows[row].Sample;
            var velocity = velocities.Slice(row * length, length);
            if (sample.UsesNegative)
            {
                row++;
                var combined = velocity.ToArray();
                Guidance.Combine(combined, velocities.Slice(row * length, length), sample.Input.TrueCfgScale);
                velocity = combined;
            }
            sample.Advance(velocity);
        }
    }

    private Span<float> RowOf(Span<float> batch, int row)
    {
        var length = batch.Length / _shape.Batch;
        return batch.Slice(row * length, length);
    }

    private static IEnumerable<Row> Rows(DenoiseSample sample)
    {
        yield return new(sample, sample.Input.Prompt);
        if (sample.UsesNegative)
        {
            yield return new(sample, sample.Input.Negative!);
        }
    }

    /// <summary>Positions in the order of the sequence: text, target, contexts.</summary>
    private static float[] Positions(DenoiseSample sample) =>
        [
            .. PositionIds.Text(sample.Input.Prompt.TextTokens),
            .. PositionIds.Target(sample.Latents.Rows, sample.Latents.Columns),
            .. sample.Input.Contexts.SelectMany((image, i) => PositionIds.Context(i + 1, image.Rows, image.Columns)),
        ];

    private sealed record Row(DenoiseSample Sample, Conditioning Conditioning);
}
