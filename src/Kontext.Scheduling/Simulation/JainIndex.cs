namespace Kontext.Scheduling.Simulation;

/// <summary>How evenly something is shared (Jain, Chiu and Hawe 1984).</summary>
public static class JainIndex
{
    /// <summary>1 if all have the same, 1/n if one of n has everything.</summary>
    /// <param name="shares">What each has, for its weight.</param>
    public static double Of(IEnumerable<double> shares)
    {
        double[] all = [.. shares];
        var sum = all.Sum();
        return sum * sum / (all.Length * all.Sum(share => share * share));
    }
}
