namespace Kontext.Flux.Sampling;

/// <summary>
/// Cosines and sines of rotary position embedding (Su et al. 2021) over several axes: axis i with d_i dimensions and
/// position p turns pair j by p * theta^(-2j / d_i), and the axes' pairs follow one another.
/// </summary>
/// <param name="Tokens">Rows of both tables.</param>
/// <param name="Pairs">Columns of both tables: half the head dimension.</param>
/// <param name="Cos">[tokens, pairs].</param>
/// <param name="Sin">[tokens, pairs].</param>
internal sealed record RotaryTable(int Tokens, int Pairs, float[] Cos, float[] Sin)
{
    /// <summary>
    /// Computes the tables in double precision, then narrows them: angles in single precision lose up to 3e-6 at
    /// position 100.
    /// </summary>
    /// <param name="ids">[tokens, axes] positions.</param>
    /// <param name="axesDim">Dimensions of the head given to each axis, all even.</param>
    /// <param name="theta">Base of the frequencies, 10000 for FLUX.</param>
    public static RotaryTable Compute(ReadOnlySpan<float> ids, ReadOnlySpan<int> axesDim, double theta)
    {
        if (axesDim.IsEmpty || ids.Length % axesDim.Length != 0)
        {
            throw new ArgumentException($"{ids.Length} ids do not divide into {axesDim.Length} axes.", nameof(ids));
        }

        var frequencies = Frequencies(axesDim, theta);
        var tokens = ids.Length / axesDim.Length;
        var table = new RotaryTable(
            tokens,
            frequencies.Length,
            new float[tokens * frequencies.Length],
            new float[tokens * frequencies.Length]
        );
        var next = 0;
        for (var token = 0; token < tokens; token++)
        {
            var pair = 0;
            for (var axis = 0; axis < axesDim.Length; axis++)
            {
                double position = ids[token * axesDim.Length + axis];
                for (var end = pair + axesDim[axis] / 2; pair < end; pair++, next++)
                {
                    var (sin, cos) = Math.SinCos(position * frequencies[pair]);
                    table.Cos[next] = (float)cos;
                    table.Sin[next] = (float)sin;
                }
            }
        }
        return table;
    }

    private static double[] Frequencies(ReadOnlySpan<int> axesDim, double theta)
    {
        var frequencies = new List<double>();
        foreach (var dim in axesDim)
        {
            if (dim < 2 || dim % 2 != 0)
            {
                throw new ArgumentException($"An axis of {dim} dimensions has no pairs to turn.", nameof(axesDim));
            }
            for (var j = 0; j < dim / 2; j++)
            {
                frequencies.Add(Math.Pow(theta, -2.0 * j / dim));
            }
        }
        return [.. frequencies];
    }
}
