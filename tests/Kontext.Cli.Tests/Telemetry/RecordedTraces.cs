using System.Collections.Concurrent;
using System.Diagnostics;
using Kontext.Cli.Telemetry;
using Kontext.Contracts.Telemetry;
using Microsoft.Extensions.Configuration;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace Kontext.Cli.Tests.Telemetry;

/// <summary>Everything that this process traces, recorded as the program records it, and kept in memory.</summary>
public sealed class RecordedTraces : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly Kept _kept = new();
    private readonly TracerProvider _provider;

    public RecordedTraces() =>
        _provider = Tracing
            .Record(Sdk.CreateTracerProviderBuilder(), new ConfigurationManager())
            .AddProcessor(new SimpleActivityExportProcessor(_kept))
            .Build();

    /// <summary>The whole trace of a job: once it has ended, and every span that others are parts of is there.</summary>
    /// <param name="job">The job.</param>
    /// <param name="spans">Names of spans that must have come as well.</param>
    internal async Task<RecordedTrace> OfAsync(string job, params string[] spans)
    {
        for (var waited = Stopwatch.StartNew(); ; await Task.Delay(20, TestContext.Current.CancellationToken))
        {
            if (Find(job) is { IsWhole: true } trace && spans.All(name => trace.All(name).Any()))
            {
                return trace;
            }
            if (waited.Elapsed > Patience)
            {
                throw new TimeoutException($"The trace of job {job} is not whole:\n{Find(job)?.Shape}");
            }
        }
    }

    /// <summary>What is recorded of a job whose request is not, once the job has ended.</summary>
    internal async Task<RecordedTrace> OutlineOfAsync(string job)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        while (true)
        {
            if (Find(job) is { } trace)
            {
                return trace;
            }
            await Task.Delay(20, limit.Token);
        }
    }

    /// <summary>Whether anything is recorded of a job.</summary>
    internal bool Knows(string job) => _kept.Spans.Any(span => span.GetTagItem(SpanAttribute.Job) as string == job);

    public void Dispose() => _provider.Dispose();

    private RecordedTrace? Find(string job)
    {
        var all = _kept.Spans.ToArray();
        var whole = all.FirstOrDefault(span =>
            span.OperationName == SpanName.Job && span.GetTagItem(SpanAttribute.Job) is string id && id == job
        );
        return whole is null ? null : new([.. all.Where(span => span.TraceId == whole.TraceId && IsOurs(span))]);
    }

    /// <summary>Receivers of the test itself are traced too.</summary>
    private static bool IsOurs(Activity span) =>
        span.Source.Name == JobTrace.SourceName || span.GetTagItem("url.path") is "/v1/jobs";

    private sealed class Kept : BaseExporter<Activity>
    {
        public ConcurrentQueue<Activity> Spans { get; } = new();

        public override ExportResult Export(in Batch<Activity> batch)
        {
            foreach (var span in batch)
            {
                Spans.Enqueue(span);
            }
            return ExportResult.Success;
        }
    }
}
