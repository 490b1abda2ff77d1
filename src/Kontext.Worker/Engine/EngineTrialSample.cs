using Kontext.Contracts.Jobs;
using Kontext.Flux.Stages;

namespace Kontext.Worker.Engine;

/// <summary>A sample of an <see cref="EngineTrial"/>; a new one for each run.</summary>
/// <param name="input">What it is made from.</param>
/// <param name="priority">How urgent it is.</param>
public sealed class EngineTrialSample(DenoiseInput input, Priority priority)
{
    /// <summary>What it is made from.</summary>
    public DenoiseInput Input => input;

    /// <summary>How urgent it is.</summary>
    public Priority Priority => priority;

    /// <summary>Its latents once it is done; none before.</summary>
    public PackedLatents? Latents { get; internal set; }

    /// <summary>Time that its latents took to copy for checkpoints, on the device's thread.</summary>
    public TimeSpan Copying { get; internal set; }
}
