namespace Kontext.Cli.Top;

/// <summary>A table of text: columns as wide as what is in them, lines as long as there is room for.</summary>
/// <param name="Columns">Their heads; one that begins with <c>&gt;</c> is set to the right.</param>
/// <param name="Rows">What is in it, the most telling first.</param>
internal sealed record TopTable(IReadOnlyList<string> Columns, IReadOnlyList<TopRow> Rows)
{
    private const string Gap = "  ";
    private const string Cut = "…";

    /// <summary>Lines that it takes when nothing is left out.</summary>
    public int Height => 1 + Rows.Count;

    /// <summary>Sets it.</summary>
    /// <param name="height">Lines there are, at least two; rows that have no room are counted in the last.</param>
    public IEnumerable<TopLine> Lay(int height)
    {
        var shown = Height <= height ? Rows.Count : Math.Max(0, height - 2);
        string[] heads = [.. Columns.Select(column => column.TrimStart('>'))];
        int[] widths =
        [
            .. heads.Select((head, i) => Rows.Take(shown).Select(row => row.Cells[i].Length).Append(head.Length).Max()),
        ];
        yield return new(Join(heads), TopStyle.Head);
        foreach (var row in Rows.Take(shown))
        {
            yield return new(Join(row.Cells), row.Style);
        }
        if (shown < Rows.Count)
        {
            yield return new($"{Cut} {Rows.Count - shown} more");
        }

        string Join(IReadOnlyList<string> cells) =>
            string.Join(
                    Gap,
                    cells.Select(
                        (cell, i) => Columns[i].StartsWith('>') ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i])
                    )
                )
                .TrimEnd();
    }

    /// <summary>Text that fits a line and moves no cursor.</summary>
    public static string Fit(string text, int width)
    {
        var clean = string.Concat(text.Select(character => char.IsControl(character) ? ' ' : character));
        return clean.Length <= width ? clean
            : width > 0 ? string.Concat(clean.AsSpan(0, width - 1), Cut)
            : "";
    }
}
