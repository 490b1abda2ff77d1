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
    public double Coverage => 1 - (Gaps.Sum(gap => (gap.To - gap.From).Ticks) / (double)Job.Duration.Ticks);

    /// <summary>Times of the job of which no leaf span knows.</summary>
    private IEnumerable<(DateTime From, DateTime To)> Gaps
    {
        get
        {
            var (until, end) = (Job.StartTimeUtc, EndOf(Job));
            foreach (var leaf in Leaves.OrderBy(span => span.StartTimeUtc))
            {
                if (leaf.StartTimeUtc > until)
                {
                    yield return (until, leaf.StartTimeUtc < end ? leaf.StartTimeUtc : end);
                }
                until = EndOf(leaf) > until ? EndOf(leaf) : until;
                if (until >= end)
                {
                    yield break;
                }
            }
            yield return (until, end);
        }
    }

    /// <summary>The trace as a person reads it: spans in order, with their times in milliseconds.</summary>
    public string Drawing
    {
        get
        {
            var text = new StringBuilder();
            Draw(text, Request, depth: 0);
            foreach (var (from, to) in Gaps)
            {
                text.AppendLine($"{Since(from), 8:F1} {(to - from).TotalMilliseconds, 8:F1}  not covered");
            }
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

    private double Since(DateTime time) => (time - Request.StartTimeUtc).TotalMilliseconds;

    private IEnumerable<string> Lines(Activity span, int depth) =>
        _parts[span.SpanId]
            .Select(part => string.Concat(Lines(part, depth + 1)))
            .Order(StringComparer.Ordinal)
            .Prepend($"{new string(' ', 2 * depth)}{NameOf(span)}\n");

    private void Draw(StringBuilder text, Activity span, int depth)
    {
        text.AppendLine(
            $"{Since(span.StartTimeUtc), 8:F1} {span.Duration.TotalMilliseconds, 8:F1}  {new string(' ', 2 * depth)}{NameOf(span)}"
        );
        foreach (var part in _parts[span.SpanId].OrderBy(part => part.StartTimeUtc))
        {
            Draw(text, part, depth + 1);
        }
    }
}
