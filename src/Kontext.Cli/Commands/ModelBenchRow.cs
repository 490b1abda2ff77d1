namespace Kontext.Cli.Commands;

/// <summary>One size and batch; memory is the process's resident set after the row.</summary>
internal sealed record ModelBenchRow(
    string Size,
    int Batch,
    double PromptMs,
    double ContextMs,
    double StepMs,
    double StepsPerSecond,
    double SampleStepsPerSecond,
    double DecodeMs,
    long MemoryMib
);
