namespace Kontext.Cli.Commands;

/// <summary>One batch; memory is the most the process has held.</summary>
internal sealed record TransformerBenchRow(
    int Batch,
    double PrepareMs,
    double StepMs,
    double StepsPerSecond,
    long MemoryMib
);
