using System.Runtime.InteropServices;
using System.Text;

namespace Kontext.Flux.Tokenizers;

/// <summary>
/// Unicode's normalization form C (Unicode Standard Annex 15): characters that look the same are written the same.
/// <see cref="string.Normalize()"/> does nothing in a program that goes without ICU, as this one does.
/// </summary>
internal static class CanonicalForm
{
    /// <summary>Below it no character changes or joins another.</summary>
    private const char FirstMark = '\u0300';

    /// <summary>Composes text, in time proportional to its length. Lone surrogates become U+FFFD.</summary>
    public static string Compose(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange(FirstMark, char.MaxValue))
        {
            return text;
        }
        var tables = CanonicalTables.Instance;
        var codes = new List<int>(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            tables.Decompose(rune.Value, codes);
        }
        var all = CollectionsMarshal.AsSpan(codes);
        byte[] classes = [.. codes.Select(tables.ClassOf)];
        OrderMarks(all, classes);

        var composed = new StringBuilder(text.Length);
        foreach (var code in all[..Join(all, classes, tables)])
        {
            composed.Append(new Rune(code).ToString());
        }
        return composed.ToString();
    }

    /// <summary>Sorts every run of marks by class; marks of one class keep their order.</summary>
    private static void OrderMarks(Span<int> codes, Span<byte> classes)
    {
        for (var start = 0; start < codes.Length; start++)
        {
            var length = classes[start..].IndexOf((byte)0);
            length = length < 0 ? codes.Length - start : length;
            if (length > 1)
            {
                CountingSort(codes.Slice(start, length), classes.Slice(start, length));
            }
            start += length;
        }
    }

    /// <summary>Linear, because whoever writes a prompt chooses how many marks stand on a letter.</summary>
    private static void CountingSort(Span<int> codes, Span<byte> classes)
    {
        Span<int> places = stackalloc int[byte.MaxValue + 2];
        var ordered = true;
        for (var i = 0; i < classes.Length; i++)
        {
            places[classes[i] + 1]++;
            ordered &= i == 0 || classes[i - 1] <= classes[i];
        }
        if (ordered)
        {
            return;
        }
        for (var i = 1; i < places.Length; i++)
        {
            places[i] += places[i - 1];
        }
        var (unsortedCodes, unsortedClasses) = (codes.ToArray(), classes.ToArray());
        for (var i = 0; i < unsortedCodes.Length; i++)
        {
            var place = places[unsortedClasses[i]]++;
            (codes[place], classes[place]) = (unsortedCodes[i], unsortedClasses[i]);
        }
    }

    /// <summary>Joins each character with the last starter before it where they compose and nothing between blocks.</summary>
    /// <returns>How many characters are left.</returns>
    private static int Join(Span<int> codes, Span<byte> classes, CanonicalTables tables)
    {
        var (starter, count) = (-1, 0);
        for (var i = 0; i < codes.Length; i++)
        {
            // Marks are in order, so the last one kept tells of all of them.
            var open = starter >= 0 && (starter == count - 1 || classes[count - 1] < classes[i]);
            if (open && tables.Compose(codes[starter], codes[i]) is > 0 and var whole)
            {
                codes[starter] = whole;
                continue;
            }
            if (classes[i] == 0)
            {
                starter = count;
            }
            (codes[count], classes[count]) = (codes[i], classes[i]);
            count++;
        }
        return count;
    }
}
