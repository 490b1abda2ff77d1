namespace Kontext.Flux.Sampling;

/// <summary>The noise levels that a rectified-flow sampler visits.</summary>
internal static class FlowSchedule
{
    /// <summary>The published schedule: <see cref="Sigmas(int, int, ScheduleShift)"/> with its default shift.</summary>
    public static float[] Sigmas(int steps, int targetTokens) => Sigmas(steps, targetTokens, ScheduleShift.Published);

    /// <summary>
    /// Evenly spaced levels s_i = 1 - i/steps, moved towards noise for larger pictures:
    /// sigma_i = e^mu / (e^mu + 1/s_i - 1) (Esser et al. 2024, section 5.3.2; flux/sampling.py, get_schedule).
    /// </summary>
    /// <param name="steps">Steps to take, at least 1.</param>
    /// <param name="targetTokens">Packed tokens of the target only; context and text do not count.</param>
    /// <param name="shift">How mu follows the token count, or null for evenly spaced levels.</param>
    /// <returns>[steps + 1] levels, from exactly 1 down to exactly 0.</returns>
    public static float[] Sigmas(int steps, int targetTokens, ScheduleShift? shift)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(targetTokens, 1);

        var weight = shift is null ? 1.0 : Math.Exp(shift.Mu(targetTokens));
        var sigmas = new float[steps + 1];
        for (var i = 0; i < steps; i++)
        {
            var level = (double)(steps - i) / steps;
            sigmas[i] = (float)(weight / (weight + (1.0 / level - 1.0)));
        }
        // The last level is the picture itself; the formula would divide by zero there.
        sigmas[steps] = 0f;
        return sigmas;
    }
}
