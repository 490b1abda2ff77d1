using System.Collections.Immutable;
using System.Reflection;

namespace Kontext.Contracts;

/// <summary>
/// One kind of failure. The set is closed: every failure a user can meet is one of the static members below,
/// with one meaning, one process exit code, one HTTP status and one line of advice.
/// </summary>
public sealed record ErrorCode
{
    private ErrorCode(string name, int exitCode, int httpStatus, string meaning, string advice)
    {
        Name = name;
        ExitCode = exitCode;
        HttpStatus = httpStatus;
        Meaning = meaning;
        Advice = advice;
    }

    /// <summary>Stable identifier in snake case, for programs.</summary>
    public string Name { get; }

    /// <summary>What the <c>kontext</c> command exits with: 1 internal, 2 input, 3 model, 4 output, 5 service, 130 cancelled.</summary>
    public int ExitCode { get; }

    /// <summary>The status an HTTP interface answers with.</summary>
    public int HttpStatus { get; }

    /// <summary>What has happened, in one sentence.</summary>
    public string Meaning { get; }

    /// <summary>What the user can do next, in one sentence.</summary>
    public string Advice { get; }

    /// <summary>The command line could not be understood.</summary>
    public static ErrorCode Usage { get; } =
        Input("usage", 400, "The command line could not be understood.", "Add --help to see what the command takes.");

    /// <summary>The prompt holds no words.</summary>
    public static ErrorCode PromptEmpty { get; } =
        Input("prompt_empty", 400, "The prompt holds no words.", "Say what the picture should become.");

    /// <summary>The prompt has more tokens than the model reads.</summary>
    public static ErrorCode PromptTooLong { get; } =
        Input("prompt_too_long", 400, "The prompt has more tokens than the model reads.", "Shorten the prompt.");

    /// <summary>The number of steps is outside the range allowed.</summary>
    public static ErrorCode StepsOutOfRange { get; } =
        Input(
            "steps_out_of_range",
            400,
            "The number of steps is outside the range allowed.",
            "Leave it out for the model's default."
        );

    /// <summary>A guidance value is outside the range allowed.</summary>
    public static ErrorCode GuidanceOutOfRange { get; } =
        Input(
            "guidance_out_of_range",
            400,
            "The guidance is outside the range allowed.",
            "Leave it out for the model's default."
        );

    /// <summary>The number of images asked for is outside the range allowed.</summary>
    public static ErrorCode CountOutOfRange { get; } =
        Input(
            "count_out_of_range",
            400,
            "The number of images is outside the range allowed.",
            "Ask for fewer images at a time."
        );

    /// <summary>The size or aspect ratio asked for is not one the model can make.</summary>
    public static ErrorCode SizeInvalid { get; } =
        Input(
            "size_invalid",
            400,
            "The size is not one the model can make.",
            "Leave it out to follow the first context image."
        );

    /// <summary>More context images were given than the model takes.</summary>
    public static ErrorCode TooManyContexts { get; } =
        Input("too_many_contexts", 400, "There are more context images than the model takes.", "Give fewer images.");

    /// <summary>A file or folder that was named does not exist or cannot be read.</summary>
    public static ErrorCode FileNotFound { get; } =
        Input("file_not_found", 400, "A file that was named cannot be read.", "Check the path and its permissions.");

    /// <summary>The bytes are not an image this program reads.</summary>
    public static ErrorCode ImageUnreadable { get; } =
        Input(
            "image_unreadable",
            400,
            "The bytes are not an image that can be read.",
            "Give a whole PNG, JPEG or WebP file."
        );

    /// <summary>The image has more pixels or bytes than allowed.</summary>
    public static ErrorCode ImageTooLarge { get; } =
        Input("image_too_large", 413, "The image is larger than allowed.", "Scale it down first.");

    /// <summary>A file of tensors or pairs given as input has the wrong content.</summary>
    public static ErrorCode InputInvalid { get; } =
        Input("input_invalid", 400, "The data given has the wrong content.", "See the command's --help for its form.");

    /// <summary>The weights to import are damaged, or not what they should be.</summary>
    public static ErrorCode WeightsInvalid { get; } =
        Input(
            "weights_invalid",
            422,
            "The weights to import are damaged, or not what they should be.",
            "Compare them with what their publisher offers, and download them again."
        );

    /// <summary>No model bundle has the name asked for.</summary>
    public static ErrorCode ModelNotFound { get; } =
        new("model_not_found", 3, 404, "No model has this name.", "Run 'kontext model list' to see those there are.");

    /// <summary>The bundle lacks a part that the work needs, or its parts do not fit together.</summary>
    public static ErrorCode ModelIncomplete { get; } =
        new(
            "model_incomplete",
            3,
            409,
            "The model lacks a part this needs, or its parts do not fit together.",
            "Run 'kontext model show NAME' to see its parts, then import the missing one."
        );

    /// <summary>A bundle's files are damaged, altered or of an unknown format.</summary>
    public static ErrorCode ModelCorrupt { get; } =
        new(
            "model_corrupt",
            3,
            500,
            "The model's files are damaged or of an unknown format.",
            "Run 'kontext model verify NAME', then import or fetch the model again."
        );

    /// <summary>A model of this name exists already.</summary>
    public static ErrorCode ModelExists { get; } =
        new("model_exists", 3, 409, "A model of this name exists already.", "Choose another name, or add --force.");

    /// <summary>The weights have a licence that has not been accepted.</summary>
    public static ErrorCode LicenceNotAccepted { get; } =
        new(
            "licence_not_accepted",
            2,
            403,
            "The weights have a licence that has not been accepted.",
            "Read it, then add --accept-license if you accept it."
        );

    /// <summary>The device or execution provider asked for is not available.</summary>
    public static ErrorCode DeviceUnavailable { get; } =
        new(
            "device_unavailable",
            3,
            503,
            "The device asked for is not available.",
            "Use --device cpu, or install the GPU build and its drivers."
        );

    /// <summary>The device cannot compute in the precision of the model, or in the one asked for.</summary>
    public static ErrorCode PrecisionUnsupported { get; } =
        new(
            "precision_unsupported",
            3,
            409,
            "The device cannot compute in the precision of the model, or in the one asked for.",
            "Use another --device or --precision, or import the model in another precision."
        );

    /// <summary>The device failed while it computed.</summary>
    public static ErrorCode DeviceFailed { get; } =
        new(
            "device_failed",
            3,
            503,
            "The device failed while it computed.",
            "Run again; if it happens again, check the device and its driver."
        );

    /// <summary>The device ran out of memory.</summary>
    public static ErrorCode OutOfMemory { get; } =
        new("out_of_memory", 3, 503, "The device ran out of memory.", "Use a smaller size, batch or count.");

    /// <summary>The model computed values that are no numbers.</summary>
    public static ErrorCode ResultNotANumber { get; } =
        new(
            "result_not_a_number",
            3,
            500,
            "The model computed values that are no numbers.",
            "Use --precision bf16 or fp32; if they have been, run 'kontext model verify NAME'."
        );

    /// <summary>The output could not be written.</summary>
    public static ErrorCode OutputUnwritable { get; } =
        new("output_unwritable", 4, 500, "The output cannot be written.", "Choose another place with --output.");

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

    /// <summary>The user stopped the work.</summary>
    public static ErrorCode Cancelled { get; } = new("cancelled", 130, 499, "The work was stopped.", "Run it again.");

    /// <summary>A fault of this program.</summary>
    public static ErrorCode Internal { get; } =
        new("internal", 1, 500, "This is a fault of the program.", "Run again with KONTEXT_DEBUG=1 and report it.");

    /// <summary>Every code, in the order above.</summary>
    public static ImmutableArray<ErrorCode> All { get; } =
    [
        .. typeof(ErrorCode)
            .GetProperties(BindingFlags.Public | BindingFlags.Static)
            .Where(property => property.PropertyType == typeof(ErrorCode))
            .Select(property => (ErrorCode)property.GetValue(null)!),
    ];

    /// <summary>The code of a name, or null.</summary>
    public static ErrorCode? Find(string name) => All.FirstOrDefault(code => code.Name == name);

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static ErrorCode Input(string name, int httpStatus, string meaning, string advice) =>
        new(name, 2, httpStatus, meaning, advice);
}
