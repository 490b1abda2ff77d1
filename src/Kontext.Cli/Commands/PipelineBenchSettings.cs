namespace Kontext.Cli.Commands;

/// <summary>What <c>kontext bench pipeline</c> measures.</summary>
/// <param name="Jobs">Jobs at full load.</param>
/// <param name="StageTime">How long each stage waits.</param>
/// <param name="Alone">Jobs that are timed one after the other before.</param>
/// <param name="Data">Folder of the object store; null for a new one that is removed afterwards.</param>
internal sealed record PipelineBenchSettings(int Jobs, TimeSpan StageTime, int Alone, string? Data);
