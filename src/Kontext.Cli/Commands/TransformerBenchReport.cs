namespace Kontext.Cli.Commands;

/// <summary>What <c>bench transformer</c> measured.</summary>
internal sealed record TransformerBenchReport(
    string Model,
    int TargetTokens,
    int ContextTokens,
    int TextTokens,
    IReadOnlyList<TransformerBenchRow> Rows
);
