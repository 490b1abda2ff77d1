using System.Numerics.Tensors;

namespace Kontext.Flux.Sampling;

/// <summary>One step of Euler's method along the flow.</summary>
internal static class EulerStep
{
    /// <summary>latents += (nextSigma - sigma) * velocity, in place.</summary>
    /// <param name="latents">State at <paramref name="sigma"/>; at <paramref name="nextSigma"/> on return.</param>
    /// <param name="velocity">The model's prediction, about noise minus picture, as many values.</param>
    /// <param name="sigma">Noise level now, 0 to 1.</param>
    /// <param name="nextSigma">Noise level after the step, the lower of the two.</param>
    public static void Apply(Span<float> latents, ReadOnlySpan<float> velocity, float sigma, float nextSigma) =>
        TensorPrimitives.MultiplyAdd(velocity, nextSigma - sigma, latents, latents);
}
