namespace Kontext.Flux.Tokenizers;

/// <summary>
/// Prefix tree over pieces. A node's children lie side by side, so that one step is one vectorised search for a byte.
/// </summary>
internal sealed class PieceTrie
{
    private readonly byte[] _labels;
    private readonly int[] _ids;
    private readonly int[] _firstChild;
    private readonly int[] _childCount;

    private PieceTrie(byte[] labels, int[] ids, int[] firstChild, int[] childCount)
    {
        _labels = labels;
        _ids = ids;
        _firstChild = firstChild;
        _childCount = childCount;
    }

    /// <summary>Where every search starts.</summary>
    public const int Root = 0;

    /// <summary>Builds the tree.</summary>
    /// <param name="pieces">Distinct pieces of at least one byte, with their ids from 0.</param>
    public static PieceTrie Build(IEnumerable<(byte[] Text, int Id)> pieces)
    {
        var sorted = pieces.ToArray();
        Array.Sort(sorted, (a, b) => a.Text.AsSpan().SequenceCompareTo(b.Text));

        var (labels, ids) = (new List<byte> { 0 }, new List<int> { -1 });
        var (firstChild, childCount) = (new List<int> { 0 }, new List<int> { 0 });
        // Breadth first: each node stands for the sorted pieces [from, to) that agree in their first 'depth' bytes.
        var waiting = new Queue<(int Node, int From, int To, int Depth)>();
        waiting.Enqueue((Root, 0, sorted.Length, 0));
        while (waiting.TryDequeue(out var parent))
        {
            var (node, from, to, depth) = parent;
            if (from < to && sorted[from].Text.Length == depth)
            {
                ids[node] = sorted[from].Id;
                from++;
            }
            firstChild[node] = labels.Count;
            while (from < to)
            {
                var label = sorted[from].Text[depth];
                var end = from + 1;
                while (end < to && sorted[end].Text[depth] == label)
                {
                    end++;
                }
                waiting.Enqueue((labels.Count, from, end, depth + 1));
                labels.Add(label);
                ids.Add(-1);
                firstChild.Add(0);
                childCount.Add(0);
                childCount[node]++;
                from = end;
            }
        }
        return new([.. labels], [.. ids], [.. firstChild], [.. childCount]);
    }

    /// <summary>The node one byte further, or -1.</summary>
    public int Step(int node, byte label)
    {
        var first = _firstChild[node];
        var index = _labels.AsSpan(first, _childCount[node]).IndexOf(label);
        return index < 0 ? -1 : first + index;
    }

    /// <summary>The id of the piece that ends at a node, or -1.</summary>
    public int IdAt(int node) => _ids[node];

    /// <summary>Bytes of the longest piece that the text starts with, or 0.</summary>
    public int LongestMatch(ReadOnlySpan<byte> text)
    {
        var (node, longest) = (Root, 0);
        for (var i = 0; i < text.Length; i++)
        {
            node = Step(node, text[i]);
            if (node < 0)
            {
                break;
            }
            if (_ids[node] >= 0)
            {
                longest = i + 1;
            }
        }
        return longest;
    }
}
