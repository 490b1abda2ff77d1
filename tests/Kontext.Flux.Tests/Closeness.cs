namespace Kontext.Flux.Tests;

/// <summary>Comparison of arrays within a stated absolute tolerance.</summary>
internal static class Closeness
{
    public static void ShouldBeCloseTo(this float[] actual, float[] expected, float tolerance)
    {
        actual.Length.ShouldBe(expected.Length);
        var worst = actual.Zip(expected, (a, b) => float.IsNaN(a) ? float.PositiveInfinity : Math.Abs(a - b)).Max();
        worst.ShouldBeLessThanOrEqualTo(tolerance);
    }
}
