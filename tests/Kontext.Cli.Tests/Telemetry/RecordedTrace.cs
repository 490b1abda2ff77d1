using System.Diagnostics;
using System.Text;
using Kontext.Contracts.Telemetry;

namespace Kontext.Cli.Tests.Telemetry;

/// <summary>The spans of one job.</summary>
internal sealed class RecordedTrace(IReadOnlyList<Activity> spans)
{
    private readonly ILookup<ActivitySpanId, Activity> _parts = spans.ToLookup(span => span.ParentSpanId);

    public IReadOnlyList<Activity> Spans => spans;

    /// <summary>The job as a whole.</summary>
    public Activity Job => spans.Single(span => span.OperationName == SpanName.Job);

    /// <summary>The request.</summary>
    public Activity Request => spans.Single(span => span.Kind == ActivityKind.Server);

    /// <summary>Whether the request and everything that has parts is there.</summary>
    public bool IsWhole
    {
        get
        {
            var ids = spans.Select(span => span.SpanId).ToHashSet();
            return spans.Any(span => span.Kind == ActivityKind.Server)
                && spans.Where(span => span.Kind != ActivityKind.Server).All(span => ids.Contains(span.ParentSpanId));
        }
    }

    /// <summary>What is part of what, in the order of the alphabet: when it happened is another matter.</summary>
    public string Shape => string.Concat(Lines(Request, depth: 0)).TrimEnd();

    /// <summary>
    /// How much of the job's time leaf spans account for, from 0 to 1. The span of the whole job has no parts, and is none.
    /// </summary>
    public double Coverage
    {
        get
        {
            var (begin, end) = (Job.StartTimeUtc, EndOf(Job));
            var covered = TimeSpan.Zero;
            var until = begin;
            foreach (var leaf in Leaves.OrderBy(span => span.StartTimeUtc))
            {
                var from = leaf.StartTimeUtc > until ? leaf.StartTimeUtc : until;
                var to = EndOf(leaf) < end ? EndOf(leaf) : end;
                if (to > from)
                {
                    covered += to - from;
                    until = to;
                }
            }
            return covered / (end - begin);
        }
    }

    /// <summary>The trace as a person reads it: spans in order, with their times in milliseconds.</summary>
    public string Drawing
    {
        get
        {
            var text = new StringBuilder();
            Draw(text, Request, depth: 0);
            return text.ToString();
        }
    }

    /// <summary>All spans of a name, in order.</summary>
    public IReadOnlyList<Activity> All(string name) =>
        [.. spans.Where(span => span.OperationName == name).OrderBy(span => span.StartTimeUtc)];

    private IEnumerable<Activity> Leaves =>
        spans.Where(span => !_parts.Contains(span.SpanId) && span.OperationName != SpanName.Job);

    private static DateTime EndOf(Activity span) => span.StartTimeUtc + span.Duration;

    private static string NameOf(Activity span)
    {
        var name = span.Kind == ActivityKind.Server ? span.DisplayName : span.OperationName;
        var task = span.GetTagItem(SpanAttribute.Stage) is { } stage
            ? $" {stage}.{span.GetTagItem(SpanAttribute.Sample)} run {span.GetTagItem(SpanAttribute.Run)}"
            : "";
        var error = span.Status == ActivityStatusCode.Error ? $" ! {span.GetTagItem(SpanAttribute.ErrorType)}" : "";
        return $"{name}{task}{error}";
    }

    private IEnumerable<string> Lines(Activity span, int depth) =>
        _parts[span.SpanId]
            .Select(part => string.Concat(Lines(part, depth + 1)))
            .Order(StringComparer.Ordinal)
            .Prepend($"{new string(' ', 2 * depth)}{NameOf(span)}\n");

    private void Draw(StringBuilder text, Activity span, int depth)
    {
        var from = (span.StartTimeUtc - Request.StartTimeUtc).TotalMilliseconds;
        text.AppendLine(
            $"{from, 8:F1} {span.Duration.TotalMilliseconds, 8:F1}  {new string(' ', 2 * depth)}{NameOf(span)}"
        );
        foreach (var part in _parts[span.SpanId].OrderBy(part => part.StartTimeUtc))
        {
            Draw(text, part, depth + 1);
        }
    }
}
