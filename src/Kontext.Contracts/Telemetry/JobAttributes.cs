using System.Collections.Frozen;
using System.Diagnostics;
using System.Text.Json;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;

namespace Kontext.Contracts.Telemetry;

/// <summary>What spans say of their jobs and tasks.</summary>
public static class JobAttributes
{
    private const string Provider = "kontext";

    /// <summary>Says whose job a span is of.</summary>
    public static Activity? OfJob(this Activity? span, string job, string tenant) =>
        span?.SetTag(SpanAttribute.Job, job).SetTag(SpanAttribute.Tenant, tenant);

    /// <summary>Says all that is asked for, but the prompt.</summary>
    public static Activity? OfSpec(this Activity? span, JobSpec spec) =>
        span.OfJob(spec.Id, spec.Tenant)
            .OfModel(spec.Model)
            ?.SetTag(SpanAttribute.GenAiOperation, "generate_content")
            .SetTag(SpanAttribute.GenAiOutput, "image")
            .SetTag(SpanAttribute.GenAiChoices, spec.Count)
            .SetTag(SpanAttribute.GenAiSeed, spec.Seed)
            .SetTag(SpanAttribute.Width, spec.Width)
            .SetTag(SpanAttribute.Height, spec.Height)
            .SetTag(SpanAttribute.Size, Word(spec.Size))
            .SetTag(SpanAttribute.Steps, spec.Steps)
            .SetTag(SpanAttribute.Priority, Word(spec.Priority));

    /// <summary>Says which model works.</summary>
    public static Activity? OfModel(this Activity? span, ModelRef model) =>
        span
            ?.SetTag(SpanAttribute.GenAiProvider, Provider)
            .SetTag(SpanAttribute.GenAiModel, model.Name)
            .SetTag(SpanAttribute.ModelDigest, model.Digest);

    /// <summary>Says which task of its job a span is of.</summary>
    public static Activity? OfTask(this Activity? span, TaskId task, int run) =>
        span
            ?.SetTag(SpanAttribute.Stage, Word(task.Stage))
            .SetTag(SpanAttribute.Sample, task.Sample)
            .SetTag(SpanAttribute.Run, run);

    /// <summary>Says what carried a message.</summary>
    /// <param name="span">The span.</param>
    /// <param name="system">What carries messages.</param>
    /// <param name="operation"><c>send</c>, <c>receive</c> or <c>process</c>.</param>
    /// <param name="queue">Name of the queue.</param>
    public static Activity? OfMessage(this Activity? span, string system, string operation, string? queue) =>
        span
            ?.SetTag(SpanAttribute.MessagingSystem, system)
            .SetTag(SpanAttribute.MessagingOperation, operation)
            .SetTag(SpanAttribute.MessagingDestination, queue);

    /// <summary>A name as it is written everywhere: <c>given_back</c>.</summary>
    public static string Word<T>(T value)
        where T : struct, Enum => Words<T>.Of[value];

    /// <summary>Made once: a trace has them in every span.</summary>
    private static class Words<T>
        where T : struct, Enum
    {
        public static readonly FrozenDictionary<T, string> Of = Enum.GetValues<T>()
            .ToFrozenDictionary(value => value, value => JsonNamingPolicy.SnakeCaseLower.ConvertName($"{value}"));
    }
}
