namespace Kontext.Flux.Sampling;

/// <summary>
/// How the schedule bends with resolution: mu runs in a straight line from <paramref name="BaseShift"/> at
/// <paramref name="BaseTokens"/> target tokens to <paramref name="MaxShift"/> at <paramref name="MaxTokens"/>, and on
/// beyond both ends.
/// </summary>
/// <param name="BaseShift">mu at the small end.</param>
/// <param name="MaxShift">mu at the large end.</param>
/// <param name="BaseTokens">Packed target tokens at the small end.</param>
/// <param name="MaxTokens">Packed target tokens at the large end.</param>
public sealed record ScheduleShift(
    double BaseShift = 0.5,
    double MaxShift = 1.15,
    int BaseTokens = 256,
    int MaxTokens = 4096
)
{
    /// <summary>The values published for FLUX.1 [dev] (scheduler_config.json, flux/sampling.py).</summary>
    public static ScheduleShift Published { get; } = new();

    /// <summary>mu for a number of packed target tokens.</summary>
    public double Mu(int targetTokens)
    {
        var slope = (MaxShift - BaseShift) / (MaxTokens - BaseTokens);
        return slope * (targetTokens - BaseTokens) + BaseShift;
    }
}
