using System.Numerics.Tensors;

namespace Kontext.Flux.Sampling;

/// <summary>Classifier-free guidance with a negative prompt (Ho and Salimans 2022).</summary>
internal static class Guidance
{
    /// <summary>positive = negative + scale * (positive - negative), in place.</summary>
    /// <param name="positive">Velocity for the prompt; the combination on return.</param>
    /// <param name="negative">Velocity for the negative prompt, as many values.</param>
    /// <param name="scale">1 leaves the prompt's velocity as it is; more pushes away from the negative prompt.</param>
    public static void Combine(Span<float> positive, ReadOnlySpan<float> negative, float scale)
    {
        TensorPrimitives.Subtract(positive, negative, positive);
        TensorPrimitives.MultiplyAdd(positive, scale, negative, positive);
    }
}
