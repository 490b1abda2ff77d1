using Kontext.Contracts.Checkups;

namespace Kontext.Cli.Doctor;

/// <summary>What <c>kontext doctor --json</c> prints.</summary>
internal sealed record DoctorReport(IReadOnlyList<DoctorReportLine> Checks, int Faults, int Warnings)
{
    /// <summary>Sums up findings.</summary>
    public static DoctorReport Of(IReadOnlyList<Diagnosis> diagnoses) =>
        new(
            [.. diagnoses.Select(DoctorReportLine.Of)],
            diagnoses.Count(one => one.Finding.Level == FindingLevel.Fault),
            diagnoses.Count(one => one.Finding.Level == FindingLevel.Warning)
        );
}
