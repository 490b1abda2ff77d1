using Kontext.Gateway.Jobs;

namespace Kontext.Gateway.Bfl;

/// <summary>The statuses of the BFL interface.</summary>
internal static class BflStatus
{
    public const string NotFound = "Task not found";
    public const string Pending = "Pending";
    public const string RequestModerated = "Request Moderated";
    public const string ContentModerated = "Content Moderated";
    public const string Ready = "Ready";
    public const string Error = "Error";

    /// <summary>The status of a job.</summary>
    /// <param name="status">Where it is.</param>
    /// <param name="code">Our code of its failure, if it has one.</param>
    public static string Of(JobStatus status, string? code) =>
        (status, code) switch
        {
            (JobStatus.Succeeded, _) => Ready,
            (JobStatus.Failed, "request_moderated") => RequestModerated,
            (JobStatus.Failed, "content_moderated") => ContentModerated,
            (JobStatus.Failed or JobStatus.Cancelled or JobStatus.Expired, _) => Error,
            _ => Pending,
        };
}
