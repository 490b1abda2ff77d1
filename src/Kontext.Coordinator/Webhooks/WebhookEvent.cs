using System.Text.Json;
using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;

namespace Kontext.Coordinator.Webhooks;

/// <summary>What a receiver is sent: that a job has ended, and how. The same bytes at each attempt.</summary>
/// <param name="Type"><c>job.succeeded</c>, <c>job.failed</c>, <c>job.cancelled</c> or <c>job.expired</c>.</param>
/// <param name="Timestamp">When it ended.</param>
/// <param name="Data">The job.</param>
internal sealed record WebhookEvent(string Type, DateTimeOffset? Timestamp, EndedJob Data)
{
    /// <summary>Names it, however often it is sent.</summary>
    public static string Id(string job) => $"msg_{job}";

    /// <summary>The event of an ended job, as it is sent.</summary>
    public static byte[] Of(JobRecord record)
    {
        var spec = record.Spec;
        var path = $"/v1/jobs/{spec.Id}";
        var status = JsonNamingPolicy.SnakeCaseLower.ConvertName($"{record.Outcome}");
        var data = new EndedJob
        {
            Id = spec.Id,
            Path = path,
            Status = status,
            Model = spec.Model.Name,
            Seed = spec.Seed,
            Count = spec.Count,
            CreatedAt = spec.AcceptedAt,
            FinishedAt = record.FinishedAt,
            Images =
            [
                .. record
                    .Samples.Index()
                    .Where(sample => sample.Item.Decode.Phase == TaskPhase.Done)
                    .Select(sample => new EndedImage(
                        $"{path}/images/{sample.Index}",
                        spec.Seed + sample.Index,
                        spec.Width,
                        spec.Height
                    )),
            ],
            Error = Error(record),
        };
        return JsonSerializer.SerializeToUtf8Bytes(
            new WebhookEvent($"job.{status}", record.FinishedAt, data),
            WebhookJson.Default.WebhookEvent
        );
    }

    private static JobFault? Error(JobRecord record) =>
        record.Fault
        ?? (
            record.Outcome == JobOutcome.Expired
                ? new(ErrorCode.DeadlineExceeded.Name, ErrorCode.DeadlineExceeded.Meaning)
                : null
        );
}
