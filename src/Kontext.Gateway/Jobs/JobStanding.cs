using System.Runtime.InteropServices;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;

namespace Kontext.Gateway.Jobs;

/// <summary>How far a job is.</summary>
/// <param name="Status">Where it is.</param>
/// <param name="Progress">Share of its work that is done, 0 to 1.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct JobStanding(JobStatus Status, double Progress)
{
    /// <summary>Denoising is most of the work, whatever the model.</summary>
    private const double EncodeShare = 0.04;
    private const double DecodeShare = 0.04;
    private const double DenoiseShare = 1 - EncodeShare - DecodeShare;

    /// <summary>
    /// Derives it from the record and the claims. Until the terminal record is written an outcome that has been decided
    /// is not shown: the job stands where its work stands.
    /// </summary>
    public static JobStanding Of(JobRecord? record, IReadOnlyDictionary<TaskId, Claim> claims) =>
        record is null ? new(JobStatus.Queued, 0)
        : record is { Phase: JobPhase.Ended, Outcome: { } outcome }
            ? new(Ended(outcome), outcome == JobOutcome.Succeeded ? 1 : Share(record, claims))
        : new(Running(record, claims), Share(record, claims));

    private static JobStatus Ended(JobOutcome outcome) =>
        outcome switch
        {
            JobOutcome.Succeeded => JobStatus.Succeeded,
            JobOutcome.Cancelled => JobStatus.Cancelled,
            JobOutcome.Expired => JobStatus.Expired,
            _ => JobStatus.Failed,
        };

    private static JobStatus Running(JobRecord record, IReadOnlyDictionary<TaskId, Claim> claims) =>
        record.Encode.Phase != TaskPhase.Done
            ? ClaimOf(record, claims, TaskId.Encode) is null
                ? JobStatus.Queued
                : JobStatus.Encoding
            : record.Samples.Any(sample => sample.Denoise.Phase != TaskPhase.Done)
                ? JobStatus.Denoising
                : JobStatus.Decoding;

    private static double Share(JobRecord record, IReadOnlyDictionary<TaskId, Claim> claims)
    {
        var samples = record.Samples.Count;
        var denoised = record.Samples.Select((sample, i) => Denoised(record, claims, sample.Denoise, i)).Sum();
        var decoded = record.Samples.Count(sample => sample.Decode.Phase == TaskPhase.Done);
        var share =
            (record.Encode.Phase == TaskPhase.Done ? EncodeShare : 0)
            + (DenoiseShare * denoised / samples)
            + (DecodeShare * decoded / samples);
        return Math.Round(Math.Clamp(share, 0, 1), 4);
    }

    private static double Denoised(
        JobRecord record,
        IReadOnlyDictionary<TaskId, Claim> claims,
        TaskState state,
        int sample
    ) =>
        state.Phase == TaskPhase.Done ? 1
        : ClaimOf(record, claims, new(Stage.Denoise, sample)) is { } claim
            ? Math.Clamp((double)claim.Step / record.Spec.Steps, 0, 1)
        : 0;

    /// <summary>The claim of the run that counts.</summary>
    private static Claim? ClaimOf(JobRecord record, IReadOnlyDictionary<TaskId, Claim> claims, TaskId task) =>
        claims.TryGetValue(task, out var claim) && claim.Run == record[task].Run ? claim : null;
}
