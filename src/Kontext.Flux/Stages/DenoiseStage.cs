using Kontext.Contracts;
using Kontext.Flux.Bundles;
using Kontext.Flux.Sessions;

namespace Kontext.Flux.Stages;

/// <summary>
/// Takes samples one step further, several at once. Samples may differ in prompt, seed, guidance, number of steps and
/// step index; they must agree in the number of text, target and context tokens. What is constant over the steps is
/// bound once, and stays bound while a sample comes again. Used by one thread at a time.
/// </summary>
public sealed class DenoiseStage : IDisposable
{
    private readonly TransformerSession _transformer;
    private readonly BatchPool _batches;

    /// <summary>Loads the transformer.</summary>
    /// <exception cref="KontextException">The bundle lacks it, or the device cannot run it.</exception>
    public DenoiseStage(ModelBundle bundle, DeviceOptions options)
    {
        _transformer = TransformerSession.Load(bundle, new Device(options));
        _batches = new(_transformer);
    }

    /// <summary>Time that the runtime has computed steps in all; the rest of a step is what goes on around it.</summary>
    public TimeSpan Computed => _batches.Computed;

    /// <summary>Takes every sample one step further.</summary>
    /// <exception cref="ArgumentException">No sample, one twice, samples of different shape, or a finished one.</exception>
    /// <exception cref="KontextException">The device failed or ran out of memory; no sample has advanced.</exception>
    public void Step(IReadOnlyList<DenoiseSample> samples)
    {
        var rows = Rows(samples);
        var shape = samples[0].Shape;
        try
        {
            _batches[new(rows, shape.TextTokens, shape.TargetTokens, shape.ContextTokens)].Step(samples);
        }
        catch (KontextException error) when (error.Code == ErrorCode.OutOfMemory)
        {
            // Whoever tries again, with fewer, should find what can be had.
            _batches.Clear();
            throw;
        }
        foreach (var sample in samples)
        {
            if (sample.IsDone)
            {
                Leave(sample);
            }
        }
    }

    /// <summary>A sample comes no more: its latents are its own from now on, and no other thread's reading disturbs a step.</summary>
    public void Leave(DenoiseSample sample)
    {
        sample.Leave();
        _batches.Forget(sample);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _batches.Dispose();
        _transformer.Dispose();
    }

    private static int Rows(IReadOnlyList<DenoiseSample> samples)
    {
        var rows = 0;
        for (var i = 0; i < samples.Count; i++)
        {
            var sample = samples[i];
            if (sample.IsDone || sample.Shape with { Rows = 1 } != samples[0].Shape with { Rows = 1 })
            {
                throw NoBatch();
            }
            for (var j = 0; j < i; j++)
            {
                if (samples[j] == sample)
                {
                    throw NoBatch();
                }
            }
            rows += sample.Shape.Rows;
        }
        return rows > 0 ? rows : throw NoBatch();

        static ArgumentException NoBatch() =>
            new("A batch is different unfinished samples of one shape.", nameof(samples));
    }
}
