namespace Kontext.Cli.Commands;

/// <summary>What <c>bench model</c> measured.</summary>
internal sealed record ModelBenchReport(string Model, double LoadMs, IReadOnlyList<ModelBenchRow> Rows);
