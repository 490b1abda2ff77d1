namespace Kontext.Cli.Top;

/// <summary>A row of a table.</summary>
/// <param name="Cells">Its texts, one for each column.</param>
/// <param name="Style">How it stands out.</param>
internal sealed record TopRow(IReadOnlyList<string> Cells, TopStyle Style = TopStyle.Plain);
