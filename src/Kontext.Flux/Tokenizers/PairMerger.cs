namespace Kontext.Flux.Tokenizers;

/// <summary>Byte pair merging in n log n steps, where scanning the word anew for every merge would take n^2.</summary>
internal static class PairMerger
{
    /// <summary>
    /// Merges the pair of least rank wherever it stands, from left to right, until no pair has a rank.
    /// </summary>
    /// <param name="symbols">The word; overwritten.</param>
    /// <param name="merges">The rank of each pair that merges, and what it becomes.</param>
    public static int[] Merge(int[] symbols, IReadOnlyDictionary<(int Left, int Right), (int Rank, int Merged)> merges)
    {
        var count = symbols.Length;
        var next = Enumerable.Range(1, count).ToArray();
        var previous = Enumerable.Range(-1, count).ToArray();
        var pairs = new PriorityQueue<(int Left, int Right, int At), (int Rank, int At)>();
        // Pairs that come of merges of one rank wait until all of that rank are done.
        var found = new List<int>();
        for (var at = 0; at < count - 1; at++)
        {
            Queue(at);
        }

        while (pairs.TryPeek(out _, out var least))
        {
            while (pairs.TryPeek(out var pair, out var priority) && priority.Rank == least.Rank)
            {
                pairs.Dequeue();
                var (at, right) = (pair.At, next[pair.At]);
                // The pair may have lost a side to a merge since it was queued.
                if (right >= count || symbols[at] != pair.Left || symbols[right] != pair.Right)
                {
                    continue;
                }
                symbols[at] = merges[(pair.Left, pair.Right)].Merged;
                symbols[right] = -1;
                next[at] = next[right];
                if (next[at] < count)
                {
                    previous[next[at]] = at;
                    found.Add(at);
                }
                if (previous[at] >= 0)
                {
                    found.Add(previous[at]);
                }
            }
            found.ForEach(Queue);
            found.Clear();
        }
        return [.. symbols.Where(symbol => symbol >= 0)];

        void Queue(int at)
        {
            if (
                symbols[at] >= 0
                && next[at] < count
                && merges.TryGetValue((symbols[at], symbols[next[at]]), out var merge)
            )
            {
                pairs.Enqueue((symbols[at], symbols[next[at]], at), (merge.Rank, at));
            }
        }
    }
}
