using System.Diagnostics;
using Kontext.Cli.Serve;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Telemetry;
using Kontext.Servers;
using Microsoft.AspNetCore.Http;

namespace Kontext.Cli.Tests.Telemetry;

/// <summary>The traces of jobs where everything runs in one process.</summary>
public sealed class TraceTests(RecordedTraces traces) : IClassFixture<RecordedTraces>, IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("kontext-traces-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task An_edit_is_one_trace_from_the_request_to_the_webhook()
    {
        await using var served = await StartAsync(TracedEdit.Configuration);
        await TracedEdit.ShouldLeaveItsTraceAsync(served, traces);
    }

    [Fact]
    public async Task A_run_that_failed_and_its_retry_are_in_one_trace()
    {
        await using var filter = await FilterServer.StartAsync();
        await using var served = await StartAsync(("Filters:Output:Url", filter.Url));
        // What happens once in a process is no part of the picture.
        await traces.OfAsync(await served.SubmitAsync(new { prompt = "a blue square", steps = 2 }));
        var before = filter.Asked.Count;
        filter.Status = StatusCodes.Status500InternalServerError;
        var id = await served.SubmitAsync(
            new
            {
                prompt = "a red circle",
                seed = 7,
                steps = 4,
            }
        );
        // Each run asks three times.
        await UntilAsync(() => filter.Asked.Count >= before + 3);
        filter.Status = StatusCodes.Status200OK;

        var trace = await traces.OfAsync(id);
        var runs = trace.All(SpanName.Decode);
        runs.Count.ShouldBeGreaterThan(1);
        runs.Select(run => run.GetTagItem(SpanAttribute.Run)).ShouldBe(Enumerable.Range(1, runs.Count).Cast<object>());
        foreach (var failed in runs.SkipLast(1))
        {
            failed.Status.ShouldBe(ActivityStatusCode.Error);
            failed.GetTagItem(SpanAttribute.ErrorType).ShouldBe("service_unavailable");
            failed.GetTagItem(SpanAttribute.Result).ShouldBe("failed");
        }
        (runs[^1].Status, runs[^1].GetTagItem(SpanAttribute.Result)).ShouldBe(
            (ActivityStatusCode.Unset, (object)"succeeded")
        );
        foreach (var wait in new[] { SpanName.QueueWait, SpanName.LaneWait, SpanName.ReportWait })
        {
            Of(trace.All(wait), "decode").Count.ShouldBe(runs.Count, wait);
        }
        trace.All(SpanName.RetryWait).Count.ShouldBe(runs.Count - 1);
        trace.All(SpanName.Denoise).Count.ShouldBe(1);
        trace.Job.Status.ShouldBe(ActivityStatusCode.Unset);
        trace.Coverage.ShouldBeGreaterThanOrEqualTo(0.95, trace.Drawing);
    }

    [Fact]
    public async Task A_job_that_fails_says_so_with_our_code()
    {
        await using var filter = await FilterServer.StartAsync();
        await using var served = await StartAsync(("Filters:Output:Url", filter.Url));
        filter.Answer = FilterServer.Refuse;
        var id = await served.SubmitAsync(
            new
            {
                prompt = "a red circle",
                seed = 8,
                steps = 4,
            }
        );
        var trace = await traces.OfAsync(id);
        (trace.Job.Status, trace.Job.GetTagItem(SpanAttribute.Outcome)).ShouldBe(
            (ActivityStatusCode.Error, (object)"failed")
        );
        trace.Job.GetTagItem(SpanAttribute.ErrorType).ShouldBe("content_moderated");
    }

    [Fact]
    public async Task Of_jobs_beyond_the_budget_only_those_that_fail_or_are_slow_are_recorded_in_outline()
    {
        await using var filter = await FilterServer.StartAsync();
        await using var served = await StartAsync(
            ("Filters:Output:Url", filter.Url),
            ("Telemetry:TracesPerSecond", "0"),
            ("Slo:Batch", "00:00:00.001")
        );
        object request = new { prompt = "a red circle", steps = 4 };
        var good = await served.SubmitAsync(request);
        await UntilAsync(() => filter.Asked.Count > 0);
        var slow = await traces.OutlineOfAsync(
            await served.SubmitAsync(
                new
                {
                    prompt = "a red circle",
                    steps = 4,
                    priority = "batch",
                }
            )
        );
        filter.Answer = FilterServer.Refuse;
        var failed = await traces.OutlineOfAsync(await served.SubmitAsync(request));

        traces.Knows(good).ShouldBeFalse();
        Names(slow)
            .ShouldBe([
                SpanName.Job,
                SpanName.QueueWait,
                SpanName.Encode,
                SpanName.QueueWait,
                SpanName.Denoise,
                SpanName.QueueWait,
                SpanName.Decode,
            ]);
        slow.Job.Status.ShouldBe(ActivityStatusCode.Unset);
        Names(failed).ShouldBe(Names(slow));
        failed.Job.GetTagItem(SpanAttribute.ErrorType).ShouldBe("content_moderated");
        failed.All(SpanName.Decode).Single().GetTagItem(SpanAttribute.ErrorType).ShouldBe("content_moderated");

        static string[] Names(RecordedTrace trace) =>
            [.. trace.Spans.OrderBy(span => span.StartTimeUtc).Select(span => span.OperationName)];
    }

    private static List<Activity> Of(IEnumerable<Activity> spans, string stage) =>
        [.. spans.Where(span => (string?)span.GetTagItem(SpanAttribute.Stage) == stage)];

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private Task<ServedHere> StartAsync(params (string, string)[] configuration) =>
        ServedHere.StartAsync(
            Path.Combine(_data, Guid.NewGuid().ToString("N")),
            ServeRole.All,
            Enum.GetValues<Stage>(),
            configuration
        );
}
