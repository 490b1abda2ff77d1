namespace Kontext.Cli.Commands;

/// <summary>What <c>kontext bench pipeline</c> has measured.</summary>
/// <param name="Servers">The broker, Redis and object store that it ran over.</param>
/// <param name="Jobs">Jobs at full load.</param>
/// <param name="StageTimeMs">Milliseconds that each stage waited.</param>
/// <param name="JobsPerSecond">At full load, from the first submission to the last end.</param>
/// <param name="CpuMsPerJob">Processor time of this process for one of them, in milliseconds.</param>
/// <param name="P50AddedMs">Median time of a job alone, less its stages'; null if none was timed.</param>
/// <param name="P99AddedMs">The same, 99th of 100.</param>
internal sealed record PipelineBenchReport(
    string Servers,
    int Jobs,
    double StageTimeMs,
    double JobsPerSecond,
    double CpuMsPerJob,
    double? P50AddedMs,
    double? P99AddedMs
)
{
    /// <summary>For people.</summary>
    public string ToText() =>
        $"""
            over               {Servers}
            jobs               {Jobs}, stages wait {StageTimeMs} ms each
            full load          {JobsPerSecond} jobs/s, {CpuMsPerJob} ms of processor time each
            added to one job   p50 {P50AddedMs} ms, p99 {P99AddedMs} ms
            """;
}
