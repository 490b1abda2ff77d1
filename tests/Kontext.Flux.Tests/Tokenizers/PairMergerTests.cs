using Kontext.Flux.Tokenizers;

namespace Kontext.Flux.Tests.Tokenizers;

public sealed class PairMergerTests
{
    private const int FirstMerged = 4;

    /// <summary>Any table in which a merge gives a new symbol, even in an order that no training would give.</summary>
    private static readonly Gen<Dictionary<(int, int), (int Rank, int Merged)>> Tables = Gen.Select(
            Gen.Int[0, 15],
            Gen.Int[0, 15]
        )
        .Array[0, 20]
        .Select(pairs =>
        {
            var table = new Dictionary<(int, int), (int, int)>();
            foreach (var pair in pairs)
            {
                // Symbols a little beyond those made so far stand for merges out of order.
                var merged = FirstMerged + table.Count;
                var (left, right) = (pair.Item1 % (merged + 2), pair.Item2 % (merged + 2));
                if (left != merged && right != merged)
                {
                    table.TryAdd((left, right), (table.Count, merged));
                }
            }
            return table;
        });

    [Fact]
    public void Merging_agrees_with_scanning_the_word_again_for_every_rank() =>
        Gen.Select(Gen.Int[0, FirstMerged - 1].Array[0, 40], Tables)
            .Sample(
                (word, table) => PairMerger.Merge([.. word], table).ShouldBe(Naive([.. word], table)),
                seed: "0000000000001",
                iter: Profile.Iterations(2000)
            );

    private static List<int> Naive(List<int> word, Dictionary<(int, int), (int Rank, int Merged)> table)
    {
        while (true)
        {
            var known = word.Zip(word.Skip(1)).Where(table.ContainsKey).ToArray();
            if (known.Length == 0)
            {
                return word;
            }
            var least = known.MinBy(pair => table[pair].Rank);
            var merged = new List<int>();
            for (var i = 0; i < word.Count; i++)
            {
                var here = i + 1 < word.Count && (word[i], word[i + 1]) == least;
                merged.Add(here ? table[least].Merged : word[i]);
                i += here ? 1 : 0;
            }
            word = merged;
        }
    }
}
