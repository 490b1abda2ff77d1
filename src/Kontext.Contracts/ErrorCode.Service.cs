namespace Kontext.Contracts;

/// <content>What can fail besides where jobs are accepted, run and shown.</content>
public sealed partial record ErrorCode
{
    /// <summary>The request is not of the form this interface takes.</summary>
    public static ErrorCode RequestInvalid { get; } =
        Input(
            "request_invalid",
            400,
            "The request is not of the form this interface takes.",
            "See the API's description for the fields and their forms."
        );

    /// <summary>The deadline is not a moment in the future.</summary>
    public static ErrorCode DeadlineInvalid { get; } =
        Input(
            "deadline_invalid",
            400,
            "The deadline is not a moment in the future.",
            "Give an RFC 3339 time that leaves room for the work, or leave it out."
        );

    /// <summary>No job of this tenant has the id asked for.</summary>
    public static ErrorCode JobNotFound { get; } =
        Input("job_not_found", 404, "No job has this id.", "Check the id; jobs are kept for a limited time.");

    /// <summary>The job has no such image, or not yet.</summary>
    public static ErrorCode ImageNotFound { get; } =
        Input("image_not_found", 404, "The job has no such image, or not yet.", "Ask for the job to see its images.");

    /// <summary>The time of a signed URL has passed.</summary>
    public static ErrorCode UrlExpired { get; } =
        Input(
            "url_expired",
            403,
            "The time of this URL has passed.",
            "Ask for the job again: its URLs are fresh each time."
        );

    /// <summary>An Idempotency-Key was used before with another body.</summary>
    public static ErrorCode IdempotencyConflict { get; } =
        Input(
            "idempotency_conflict",
            422,
            "The Idempotency-Key was used before with another request.",
            "Use a fresh key for a different request."
        );

    /// <summary>A URL leads to where requests may not go.</summary>
    public static ErrorCode UrlForbidden { get; } =
        Input(
            "url_forbidden",
            400,
            "A URL leads to where requests may not go.",
            "Give an http or https URL of a public server, at its usual port."
        );

    /// <summary>An image could not be fetched from its URL.</summary>
    public static ErrorCode ImageUnreachable { get; } =
        Input(
            "image_unreachable",
            400,
            "An image could not be fetched from its URL.",
            "Check that the URL answers with the image, or send the image itself."
        );

    /// <summary>The prompt or a picture of the request was refused by a filter.</summary>
    public static ErrorCode RequestModerated { get; } =
        Input(
            "request_moderated",
            400,
            "The prompt or a picture of the request was refused by a filter.",
            "Ask for something else."
        );

    /// <summary>A picture that was made was refused by a filter.</summary>
    public static ErrorCode ContentModerated { get; } =
        Input(
            "content_moderated",
            400,
            "A picture that was made was refused by a filter.",
            "Ask for something else, or try another seed."
        );

    /// <summary>The request has no key that is known.</summary>
    public static ErrorCode Unauthorized { get; } =
        Input(
            "unauthorized",
            401,
            "The request has no key that is known.",
            "Send a key that is valid as 'Authorization: Bearer' or 'x-key'."
        );

    /// <summary>The tenant may not do this.</summary>
    public static ErrorCode Forbidden { get; } =
        Input(
            "forbidden",
            403,
            "The tenant may not do this.",
            "Ask for what the message names as allowed, or ask the operator to allow more."
        );

    /// <summary>No tenant has the id asked for.</summary>
    public static ErrorCode TenantNotFound { get; } =
        Input("tenant_not_found", 404, "No tenant has this id.", "Run 'kontext tenant list' to see those there are.");

    /// <summary>A tenant of this id exists already.</summary>
    public static ErrorCode TenantExists { get; } =
        Input(
            "tenant_exists",
            409,
            "A tenant of this id exists already.",
            "Choose another id, or change it with 'kontext tenant set'."
        );

    /// <summary>The tenant has used up its device time of the day.</summary>
    public static ErrorCode BudgetExceeded { get; } =
        Input(
            "budget_exceeded",
            402,
            "The tenant's device time of the day is used up, or held by jobs that are open.",
            "Wait for open jobs to end or for the next day (UTC), or ask the operator for more."
        );

    /// <summary>The tenant has sent more requests than it may.</summary>
    public static ErrorCode RateLimited { get; } =
        Input(
            "rate_limited",
            429,
            "The tenant has sent more requests than it may.",
            "Send again after the time that Retry-After names."
        );

    /// <summary>A setting is missing or wrong, or a server is set up in a way that would lose work.</summary>
    public static ErrorCode ConfigurationInvalid { get; } =
        new(
            "configuration_invalid",
            5,
            500,
            "A setting is missing or wrong, or a server is set up in a way that would lose work.",
            "Correct the setting that the message names, then start again."
        );

    /// <summary>As many jobs are open as the service takes, or wait as the tenant may have.</summary>
    public static ErrorCode TooManyJobs { get; } =
        new(
            "too_many_jobs",
            5,
            429,
            "As many jobs are open as the service takes, or wait as the tenant may have.",
            "Try again after the time that Retry-After names."
        );

    /// <summary>A server that this work needs does not answer.</summary>
    public static ErrorCode ServiceUnavailable { get; } =
        new(
            "service_unavailable",
            5,
            503,
            "A server that this work needs does not answer.",
            "Try again; if it goes on, check the server that the message names."
        );

    /// <summary>Those who worked on a task died, again and again.</summary>
    public static ErrorCode WorkerDied { get; } =
        new(
            "worker_died",
            5,
            500,
            "Workers died while they worked on this.",
            "Look at the workers' logs; try a smaller size."
        );

    /// <summary>The deadline passed before the work was done.</summary>
    public static ErrorCode DeadlineExceeded { get; } =
        new(
            "deadline_exceeded",
            5,
            504,
            "The deadline passed before the work was done.",
            "Give it more time, or a higher priority."
        );

    /// <summary>The answer could not be waited for any longer; the work goes on.</summary>
    public static ErrorCode StillRunning { get; } =
        new(
            "still_running",
            5,
            504,
            "The answer could not be waited for any longer; the work goes on.",
            "Ask for the job that the message names, in place of sending the request again."
        );

    /// <summary>The job has not ended, and what was asked for is for those that have.</summary>
    public static ErrorCode JobOpen { get; } =
        Input("job_open", 409, "The job has not ended.", "Cancel it, wait until it has ended, and ask again.");
}
