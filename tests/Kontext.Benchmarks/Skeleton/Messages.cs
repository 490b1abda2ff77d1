namespace Kontext.Benchmarks.Skeleton;

/// <summary>A job comes in.</summary>
internal sealed record Submitted(string Job);

/// <summary>A stage of a job is to be run.</summary>
internal sealed record RunStage(string Job);

/// <summary>A stage of a job has been run.</summary>
internal sealed record StageDone(string Job, int Stage);
