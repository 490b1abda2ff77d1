using System.Diagnostics;

namespace Kontext.Contracts.Telemetry;

/// <summary>
/// Where all spans of this program come from. There is one trace for each job. Its context is pinned in the job's spec when the
/// job is accepted and travels with its tasks, so that whoever does something for the job, in whichever process and
/// however often, finds the parent there. Within one piece of work, parts go under what surrounds them.
/// </summary>
/// <remarks>
/// Where nobody listens nothing is made: every method gives null then, and takes null. Likewise of a job that is not recorded, as the
/// flags of its context say: of such only what is worth keeping is.
/// </remarks>
public static class JobTrace
{
    /// <summary>What to listen to.</summary>
    public const string SourceName = "Kontext";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Whether anybody listens.</summary>
    public static bool IsHeard => Source.HasListeners();

    /// <summary>The time that spans are stamped with: the system's, whatever clock decisions go by.</summary>
    public static DateTimeOffset Now => DateTimeOffset.UtcNow;

    /// <summary>Begins the part of a request that makes a job: under the request, as its server has it, and recorded if that is.</summary>
    public static Activity? StartRequest(string name) =>
        Activity.Current is { Recorded: false } ? null : Source.StartActivity(name);

    /// <summary>Whether a job's parts are recorded as they happen.</summary>
    public static bool IsRecorded(string? traceParent) =>
        ActivityContext.TryParse(traceParent, traceState: null, out var parent)
        && parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded);

    /// <summary>Begins a span of a job.</summary>
    /// <param name="name">A <see cref="SpanName"/>.</param>
    /// <param name="traceParent">What is pinned in its spec; null: the job has no trace.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="startedAt">When it began, if not now.</param>
    /// <param name="isKept">Whether it is worth keeping even of a job that is not recorded.</param>
    public static Activity? Start(
        string name,
        string? traceParent,
        ActivityKind kind = ActivityKind.Internal,
        DateTimeOffset startedAt = default,
        bool isKept = false
    )
    {
        if (!IsHeard || !ActivityContext.TryParse(traceParent, traceState: null, isRemote: true, out var parent))
        {
            return null;
        }
        if (!parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded))
        {
            if (!isKept)
            {
                return null;
            }
            parent = new(parent.TraceId, parent.SpanId, ActivityTraceFlags.Recorded, parent.TraceState, isRemote: true);
        }
        return Source.StartActivity(name, kind, parent, startTime: startedAt);
    }

    /// <summary>Begins a span of several jobs: in the trace of one of them, linked to the others.</summary>
    public static Activity? Start(string name, ActivityContext first, IEnumerable<ActivityLink> others) =>
        Source.StartActivity(name, ActivityKind.Internal, first, tags: null, others);

    /// <summary>Begins a part of the span under way; null where none of a job is, as in what sweeps and looks after.</summary>
    public static Activity? Part(
        string name,
        ActivityKind kind = ActivityKind.Internal,
        DateTimeOffset startedAt = default
    ) => Part(name, Current, kind, startedAt);

    /// <summary>Begins a part of a span.</summary>
    public static Activity? Part(
        string name,
        Activity? whole,
        ActivityKind kind = ActivityKind.Internal,
        DateTimeOffset startedAt = default,
        IEnumerable<ActivityLink>? links = null
    ) => whole is null ? null : Source.StartActivity(name, kind, whole.Context, tags: null, links, startedAt);

    /// <summary>The span under way, if it is one of a job.</summary>
    public static Activity? Current => Activity.Current is { } current && current.Source == Source ? current : null;

    /// <summary>Ends a span at a time of its own; never before it began, for clocks differ.</summary>
    public static void EndAt(this Activity? span, DateTimeOffset endedAt)
    {
        if (span is not null)
        {
            var end = endedAt.UtcDateTime;
            span.SetEndTime(end > span.StartTimeUtc ? end : span.StartTimeUtc);
            span.Stop();
        }
    }

    /// <summary>Marks a span as failed. The code alone: a message may repeat what it is about.</summary>
    /// <param name="span">The span.</param>
    /// <param name="code">Name of an <see cref="ErrorCode"/>, or what came of a request to others.</param>
    public static void Fail(this Activity? span, string code) =>
        span?.SetStatus(ActivityStatusCode.Error).SetTag(SpanAttribute.ErrorType, code);

    /// <summary>Marks a span as failed by an exception.</summary>
    public static void Fail(this Activity? span, Exception error) =>
        span.Fail(
            error switch
            {
                KontextException known => known.Code.Name,
                OperationCanceledException => ErrorCode.Cancelled.Name,
                _ => ErrorCode.Internal.Name,
            }
        );
}
