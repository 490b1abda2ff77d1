namespace Kontext.Cli.Doctor;

/// <summary>One finding.</summary>
internal sealed record DoctorReportLine(
    string Subject,
    string Level,
    string What,
    string? Advice,
    string? Code,
    string? Version,
    double? LatencyMs
)
{
    public static DoctorReportLine Of(Diagnosis diagnosis)
    {
        var finding = diagnosis.Finding;
        return new(
            diagnosis.Subject,
            finding.Level.ToString().ToLowerInvariant(),
            finding.What,
            finding.Advice,
            finding.Code?.Name,
            finding.Version,
            finding.Latency?.TotalMilliseconds
        );
    }
}
