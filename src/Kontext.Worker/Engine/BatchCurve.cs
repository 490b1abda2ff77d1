namespace Kontext.Worker.Engine;

/// <summary>
/// The batch size of one shape, learned from how long steps take: 1, then 2, 4, 8 … for as long as images per second grow.
/// Pure: told how long steps took, asked how large the next should be. Not for several threads at once.
/// </summary>
internal sealed class BatchCurve
{
    /// <summary>
    /// A larger batch must be worth so much more: each image waits longer for its step, and what is measured is never exact.
    /// To go down again, no gain at all is enough.
    /// </summary>
    private const double LeastGain = 0.05;

    /// <summary>Steps after which it is looked again, from one size below: a device may be warmer, shared, or free again.</summary>
    private const int BetweenLooks = 256;

    private readonly Dictionary<int, StepTimes> _times = [];

    /// <summary>Sizes that are tried one after the other.</summary>
    private int[] _ladder;
    private int _at;
    private bool _isSettled;
    private int _sinceLook;
    private int _before;

    /// <summary>A curve that is not known yet.</summary>
    /// <param name="limit">The largest batch, at least 1.</param>
    public BatchCurve(int limit) => _ladder = Ladder(limit);

    /// <summary>The size learned so far.</summary>
    public int Size => _ladder[_at];

    /// <summary>Images per second at that size, a step each; null if not measured yet.</summary>
    public double? StepsPerSecond => Times(Size) is { AreKnown: true } ? Rate(Size) : null;

    /// <summary>How many samples it can make use of now: the size, or the one to be tried next.</summary>
    public int Wanted => _isSettled ? Size : Math.Max(Next, _before);

    /// <summary>How many of so many that wait take the next step together.</summary>
    public int Choose(int available)
    {
        var size = Math.Min(available, _isSettled || Times(Size) is not { AreKnown: true } ? Size : Next);
        if (size > 1 && Times(size) is { AreKnown: true })
        {
            // Fewer than the learned size wait, and not every number between suits a device.
            for (var fewer = size - 1; fewer >= 1; fewer--)
            {
                size = Times(fewer) is { AreKnown: true } && Rate(fewer) > Rate(size) ? fewer : size;
            }
        }
        return size;
    }

    /// <summary>Takes in how long a step took.</summary>
    public void Measured(int size, TimeSpan took)
    {
        if (_isSettled && ++_sinceLook >= BetweenLooks)
        {
            (_before, _sinceLook, _isSettled) = (Size, 0, false);
            _at = Math.Max(0, _at - 1);
            _times.Clear();
        }
        if (!_times.TryGetValue(size, out var times))
        {
            _times[size] = times = new();
        }
        times.Add(took);
        Learn();
    }

    /// <summary>A batch did not fit into memory; so many are never tried again.</summary>
    public void TooLarge(int size)
    {
        _ladder = Ladder(Math.Max(1, _ladder.LastOrDefault(step => step < size)));
        _at = Math.Min(_at, _ladder.Length - 1);
        _before = Math.Min(_before, _ladder[^1]);
    }

    private int Next => _ladder[Math.Min(_at + 1, _ladder.Length - 1)];

    private void Learn()
    {
        while (Times(Size) is { AreKnown: true })
        {
            if (_at > 0 && Times(_ladder[_at - 1]) is { AreKnown: true } && Rate(Size) <= Rate(_ladder[_at - 1]))
            {
                _at--;
                Settle();
            }
            else if (_isSettled || Next == Size)
            {
                Settle();
                return;
            }
            else if (Times(Next) is not { AreKnown: true })
            {
                return;
            }
            else if (Rate(Next) >= (1 + LeastGain) * Rate(Size))
            {
                _at++;
            }
            else
            {
                Settle();
            }
        }
    }

    private void Settle() => (_isSettled, _before) = (true, 0);

    private double Rate(int size) => 1000 * size / _times[size].MedianMs;

    private StepTimes? Times(int size) => _times.GetValueOrDefault(size);

    private static int[] Ladder(int limit)
    {
        var sizes = new List<int>();
        for (var size = 1; size < limit; size *= 2)
        {
            sizes.Add(size);
        }
        return [.. sizes, limit];
    }
}
