using System.Diagnostics;
using Kontext.Cli.Serve;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Telemetry;
using Kontext.Servers;
using Kontext.Storage.Jobs;

namespace Kontext.Cli.Tests.Telemetry;

/// <summary>The traces of jobs whose stages are apart, over a real RabbitMQ and a real Redis.</summary>
public sealed class TraceOverServersTests(RecordedTraces traces) : IClassFixture<RecordedTraces>, IAsyncLifetime
{
    private static readonly TaskId Denoise = new(Stage.Denoise, 0);
    private readonly string _data = Directory.CreateTempSubdirectory("kontext-traces-").FullName;
    private RabbitMqServer _rabbit = null!;
    private RedisServer _redis = null!;

    public async ValueTask InitializeAsync()
    {
        var rabbit = RabbitMqServer.StartNewAsync();
        _redis = await RedisServer.StartNewAsync();
        _rabbit = await rabbit;
    }

    public async ValueTask DisposeAsync()
    {
        await _rabbit.DisposeAsync();
        await _redis.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public async Task Traces_are_the_same_when_stages_are_apart_and_go_on_where_a_job_is_resumed()
    {
        await using var gateway = await StartAsync(ServeRole.All, Stage.Encode, Stage.Decode);
        await using var first = await StartAsync(ServeRole.Worker, Stage.Denoise);
        await TracedEdit.ShouldLeaveItsTraceAsync(gateway, traces);

        var id = await gateway.SubmitAsync(
            new
            {
                prompt = "a red circle",
                seed = 7,
                steps = 200,
            }
        );
        var claims = gateway.Get<Claims>();
        while (await StepAsync(claims, id) is null)
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
        await first.StopAsync();
        await using var second = await StartAsync(ServeRole.Worker, Stage.Denoise);
        ShouldGoOn(await traces.OfAsync(id, SpanName.Checkpoint));
    }

    private static void ShouldGoOn(RecordedTrace trace)
    {
        TestContext.Current.SendDiagnosticMessage("{0} {1}", trace.Coverage, trace.Drawing);
        var runs = trace.All(SpanName.Denoise);
        runs.Select(run => run.GetTagItem(SpanAttribute.Result)).ShouldBe(["given_back", "succeeded"]);
        runs.Select(run => run.GetTagItem(SpanAttribute.Worker)).Distinct().Count().ShouldBe(2);
        ((long)runs[1].GetTagItem(SpanAttribute.Claim)!).ShouldBeGreaterThan(
            (long)runs[0].GetTagItem(SpanAttribute.Claim)!
        );

        // What the first has taken, the second goes on from: every step is there once.
        var steps = trace.All(SpanName.DenoiseSteps);
        steps
            .SelectMany(span => span.Events)
            .Select(step => step.Tags.Single(tag => tag.Key == SpanAttribute.Step).Value)
            .ShouldBe(Enumerable.Range(1, 200).Cast<object>());
        var taken = (int)steps[0].GetTagItem(SpanAttribute.Steps)!;
        trace.All(SpanName.DenoiseStart)[^1].GetTagItem(SpanAttribute.ResumedAt).ShouldBe(taken);
        trace.All(SpanName.Checkpoint).ShouldContain(span => taken.Equals(span.GetTagItem(SpanAttribute.Step)));
        trace
            .All(SpanName.Checkpoint)
            .ShouldAllBe(span => span.ParentSpanId == runs[0].SpanId || span.ParentSpanId == runs[1].SpanId);
        trace.All(SpanName.QueueWait).Count.ShouldBe(4);
        trace.Coverage.ShouldBeGreaterThanOrEqualTo(0.95, trace.Drawing);
        trace.Job.Status.ShouldBe(ActivityStatusCode.Unset);
    }

    private static async Task<int?> StepAsync(Claims claims, string job)
    {
        var known = await claims.ReadAsync(job, TestContext.Current.CancellationToken);
        return known.GetValueOrDefault(Denoise)?.Checkpoint?.Step;
    }

    private Task<ServedHere> StartAsync(ServeRole role, params Stage[] stages) =>
        ServedHere.StartAsync(
            _data,
            role,
            stages,
            [
                ("ConnectionStrings:RabbitMq", _rabbit.ConnectionString),
                ("ConnectionStrings:Redis", _redis.ConnectionString),
                .. TracedEdit.Configuration,
            ]
        );
}
