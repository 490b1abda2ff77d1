using System.Runtime.InteropServices;

namespace Kontext.Scheduling.Costs;

/// <summary>Means of values that come, change and are asked for one at a time: each costs one look.</summary>
internal sealed class CostMeans<TKey>
    where TKey : notnull
{
    private readonly Dictionary<TKey, (double Sum, int Count)> _sums = [];

    /// <summary>The mean of what is there under a key; null if nothing is.</summary>
    public double? this[TKey key] => _sums.TryGetValue(key, out var sum) ? sum.Sum / sum.Count : null;

    /// <summary>Takes in a value in place of an earlier one; null: there was none.</summary>
    public void Put(TKey key, double? before, double value)
    {
        ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(_sums, key, out _);
        sum = (sum.Sum + value - (before ?? 0), sum.Count + (before is null ? 1 : 0));
    }
}
