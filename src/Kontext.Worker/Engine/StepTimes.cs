namespace Kontext.Worker.Engine;

/// <summary>How long steps of one batch size take: the median of the last few, which a disturbed step does not move.</summary>
internal sealed class StepTimes
{
    /// <summary>Steps that are known well enough to compare by.</summary>
    public const int Enough = 5;

    private const int Kept = 9;

    private readonly double[] _last = new double[Kept];
    private int _count = -1;

    /// <summary>Whether they are known well enough.</summary>
    public bool AreKnown => _count >= Enough;

    /// <summary>Milliseconds of a step.</summary>
    public double MedianMs { get; private set; }

    /// <summary>Takes in a step; the first of a size allocates and plans, and does not count.</summary>
    public void Add(TimeSpan took)
    {
        if (_count >= 0)
        {
            _last[_count % Kept] = took.TotalMilliseconds;
        }
        _count++;
        Span<double> sorted = stackalloc double[Math.Min(Math.Max(_count, 0), Kept)];
        _last.AsSpan(0, sorted.Length).CopyTo(sorted);
        sorted.Sort();
        MedianMs = sorted.IsEmpty ? 0 : sorted[sorted.Length / 2];
    }
}
