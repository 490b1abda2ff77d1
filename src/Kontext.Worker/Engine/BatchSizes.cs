using Kontext.Contracts.Workers;

namespace Kontext.Worker.Engine;

/// <summary>
/// The batch sizes that a device has learned, by model and shape. Told and asked by the device's thread alone; what others read
/// are <see cref="Learned"/>, <see cref="Sizes"/> and <see cref="Wanted"/>. They last as long as the process: to learn them takes seconds.
/// </summary>
/// <param name="limit">The largest batch of any shape.</param>
/// <param name="isFixed">Whether nothing is learned and as many as wait go, up to the limit: to measure a size.</param>
internal sealed class BatchSizes(int limit, bool isFixed = false)
{
    /// <summary>Shapes that are remembered; the least recently used goes for a new one.</summary>
    private const int MostShapes = 64;

    /// <summary>Steps after which a shape that does not come any more has no say in how many samples are wanted.</summary>
    private const int Recent = 1000;

    private readonly Dictionary<BatchKey, Entry> _entries = [];
    private IReadOnlyList<(BatchKey Key, LearnedBatch Batch)> _learned = [];
    private long _steps;
    private int _wanted = 1;

    /// <summary>What is learned so far.</summary>
    public IReadOnlyList<LearnedBatch> Learned => [.. Volatile.Read(ref _learned).Select(one => one.Batch)];

    /// <summary>How many samples share a step, of each model and shape.</summary>
    public IEnumerable<(BatchKey Key, int Size)> Sizes =>
        Volatile.Read(ref _learned).Select(one => (one.Key, one.Batch.Size));

    /// <summary>How many samples the device can make use of at a time, for the shape that can use most.</summary>
    public int Wanted => Volatile.Read(ref _wanted);

    /// <summary>How many of so many that wait take the next step together.</summary>
    /// <param name="key">Model and shape.</param>
    /// <param name="available">Those that wait.</param>
    /// <param name="fit">How many the memory holds, by estimate.</param>
    public int Choose(BatchKey key, int available, int fit)
    {
        var most = Math.Min(available, fit);
        return isFixed ? Math.Min(most, limit) : Of(key, fit).Curve.Choose(most);
    }

    /// <summary>Takes in how long a step took.</summary>
    public void Measured(BatchKey key, int size, TimeSpan took)
    {
        if (!_entries.TryGetValue(key, out var entry))
        {
            return;
        }
        var before = (entry.Curve.Size, entry.Curve.Wanted, entry.Curve.StepsPerSecond is null);
        entry.LastStep = ++_steps;
        entry.Curve.Measured(size, took);
        if (
            _steps % Recent == 0
            || before != (entry.Curve.Size, entry.Curve.Wanted, entry.Curve.StepsPerSecond is null)
        )
        {
            Tell();
        }
    }

    /// <summary>A batch did not fit into memory.</summary>
    public void TooLarge(BatchKey key, int size)
    {
        if (_entries.TryGetValue(key, out var entry))
        {
            entry.Curve.TooLarge(size);
            Tell();
        }
    }

    private Entry Of(BatchKey key, int fit)
    {
        if (_entries.TryGetValue(key, out var entry))
        {
            return entry;
        }
        if (_entries.Count >= MostShapes)
        {
            _entries.Remove(_entries.MinBy(one => one.Value.LastStep).Key);
        }
        entry = new(new(Math.Max(1, Math.Min(limit, fit)))) { LastStep = _steps };
        _entries.Add(key, entry);
        Tell();
        return entry;
    }

    private void Tell()
    {
        Volatile.Write(
            ref _learned,
            [
                .. _entries.Select(one =>
                    (
                        one.Key,
                        new LearnedBatch(
                            one.Key.Model.Short,
                            one.Key.Shape.ToString(),
                            one.Value.Curve.Size,
                            one.Value.Curve.StepsPerSecond
                        )
                    )
                ),
            ]
        );
        Volatile.Write(
            ref _wanted,
            _entries.Values.Where(one => one.LastStep >= _steps - Recent).Max(one => one.Curve.Wanted)
        );
    }

    private sealed class Entry(BatchCurve curve)
    {
        public BatchCurve Curve => curve;

        public long LastStep { get; set; }
    }
}
