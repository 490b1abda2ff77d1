using Kontext.Contracts.Tasks;

namespace Kontext.Scheduling.Simulation;

/// <summary>One kind of job, and what it takes of a device of speed 1.</summary>
public sealed record SimulatedShape
{
    /// <summary>What loads call it.</summary>
    public required string Name { get; init; }

    /// <summary>Width of the output in pixels.</summary>
    public required int Width { get; init; }

    /// <summary>Height of the output in pixels.</summary>
    public required int Height { get; init; }

    /// <summary>Denoising steps.</summary>
    public int Steps { get; set; } = 28;

    /// <summary>Milliseconds of a step of one sample.</summary>
    public required double StepMs { get; init; }

    /// <summary>
    /// How many times as many images per second come out of batches of <see cref="GainBatch"/> as out of single samples: 1.02 for
    /// FLUX.1 at a megapixel on a large GPU, 2.8 at 512 × 512.
    /// </summary>
    public double BatchGain { get; set; } = 1;

    /// <summary>The size of batch at which the gain was measured, and the largest that is used.</summary>
    public const int GainBatch = 8;

    /// <summary>Milliseconds of the encode task.</summary>
    public double EncodeMs { get; set; } = 50;

    /// <summary>Milliseconds of a decode task.</summary>
    public double DecodeMs { get; set; } = 50;

    internal SizeClass Size => SizeClasses.Of(Width, Height);

    /// <summary>Device time of a job of one sample alone, in milliseconds.</summary>
    internal double JobMs => EncodeMs + Steps * StepMs + DecodeMs;

    /// <summary>
    /// Milliseconds of a step of a batch. What a device does for a batch is a part that it does once and a part that it does for
    /// each sample: t(b) = t(1) · ((1 − a) + a · b), with a from the gain that was measured.
    /// </summary>
    internal double BatchMs(int batch)
    {
        var each = (GainBatch / BatchGain - 1) / (GainBatch - 1);
        return StepMs * (1 - each + each * batch);
    }

    internal string? Problem =>
        Width is < 16 or > 8192 || Height is < 16 or > 8192 ? $"shape '{Name}' is not 16 to 8192 pixels wide and high"
        : Steps is < 1 or > 1000 ? $"shape '{Name}' takes 1 to 1000 steps"
        : !(StepMs > 0) || !(EncodeMs >= 0) || !(DecodeMs >= 0) ? $"shape '{Name}' has a time that is none"
        : !(BatchGain is >= 1 and <= GainBatch) ? $"shape '{Name}' takes a batch_gain of 1 to {GainBatch}"
        : null;
}
