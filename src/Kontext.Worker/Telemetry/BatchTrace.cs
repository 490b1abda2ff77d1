using System.Diagnostics;
using Kontext.Contracts.Telemetry;

namespace Kontext.Worker.Telemetry;

/// <summary>
/// A stretch of steps that the same samples take together: one span, in the trace of the first of them and linked to the others,
/// which are linked to it. A batch of one shows as nothing but its sample's steps.
/// </summary>
internal static class BatchTrace
{
    /// <summary>A batch is formed. Stop the span when it dissolves.</summary>
    public static Activity? Begin(IReadOnlyList<StepTrace> samples)
    {
        foreach (var sample in samples)
        {
            sample.Begin();
        }
        StepTrace[] traced = [.. samples.Where(sample => sample.Denoise is not null)];
        if (samples.Count < 2 || traced.Length == 0)
        {
            return null;
        }
        // The device's thread belongs to no job: what is under way there stays what it was.
        var current = Activity.Current;
        var span = JobTrace
            .Start(
                SpanName.DenoiseBatch,
                traced[0].Denoise!.Value,
                [.. traced.Skip(1).Select(sample => new ActivityLink(sample.Denoise!.Value))]
            )
            ?.SetTag(SpanAttribute.BatchSize, samples.Count);
        Activity.Current = current;
        if (span is not null)
        {
            foreach (var sample in traced)
            {
                sample.Joined(span.Context);
            }
        }
        return span;
    }
}
