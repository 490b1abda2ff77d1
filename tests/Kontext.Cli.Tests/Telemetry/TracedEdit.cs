using Kontext.Cli.Tests.Serve;
using Kontext.Contracts.Telemetry;
using Kontext.Servers;

namespace Kontext.Cli.Tests.Telemetry;

/// <summary>An edit with a webhook, and the trace that it leaves wherever it runs.</summary>
internal static class TracedEdit
{
    /// <summary>Enough that what the runtime compiles at the first edit of a process is little beside them.</summary>
    private const int Steps = 120;
    private const string Prompt = "make the background pink";
    private const string Secret = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz";

    /// <summary>
    /// Receivers on this machine are none of the public internet, and how many checkpoints are written is a matter of time:
    /// so few steps need none.
    /// </summary>
    public static readonly (string, string)[] Configuration =
    [
        ("Outbound:AllowedNetworks:0", "127.0.0.0/8"),
        ("Worker:CheckpointSteps", $"{Steps + 1}"),
    ];

    private const string Shape = """
        POST /v1/jobs/
          kontext.accept
            kontext.admission
            kontext.admission
            kontext.contexts
            kontext.object.put
            kontext.object.put
            kontext.submit
          kontext.decode decode.0 run 1
            kontext.cache.lookup
            kontext.compute
            kontext.device.wait
            kontext.image.encode
            kontext.object.put
            kontext.object.put
            kontext.report
          kontext.denoise denoise.0 run 1
            kontext.denoise.inputs
              kontext.cache.lookup
              kontext.cache.lookup
              kontext.cache.lookup
            kontext.denoise.start
            kontext.denoise.steps
            kontext.device.wait
            kontext.report
            kontext.tensor.put
          kontext.encode encode.0 run 1
            kontext.encode.context
              kontext.cache.lookup
              kontext.cache.wait
              kontext.compute
              kontext.device.wait
              kontext.image.decode
              kontext.object.get
              kontext.tensor.put
            kontext.encode.prompt
              kontext.cache.lookup
              kontext.cache.wait
              kontext.compute
              kontext.device.wait
              kontext.tensor.put
              kontext.tensor.put
            kontext.report
          kontext.finish
            kontext.object.put
            kontext.object.put
          kontext.job
          kontext.lane.wait decode.0 run 1
          kontext.lane.wait denoise.0 run 1
          kontext.lane.wait encode.0 run 1
          kontext.queue.wait decode.0 run 1
          kontext.queue.wait denoise.0 run 1
          kontext.queue.wait encode.0 run 1
          kontext.report.wait decode.0 run 1
          kontext.report.wait denoise.0 run 1
          kontext.report.wait encode.0 run 1
          kontext.submit.wait
          kontext.webhook
        """;

    /// <summary>Runs it, and looks at its trace.</summary>
    public static async Task ShouldLeaveItsTraceAsync(ServedHere gateway, RecordedTraces traces)
    {
        await using var receiver = await LocalReceiver.StartAsync(200);
        var webhook = new { url = new Uri(receiver.Url, "told"), secret = Secret };
        // What happens once in a process, such as reading the model's manifest, is no part of the picture.
        var before = await gateway.SubmitAsync(
            new
            {
                prompt = "a blue square",
                steps = 2,
                webhook,
            }
        );
        await traces.OfAsync(before, SpanName.Webhook);
        var picture = Convert.ToBase64String(await File.ReadAllBytesAsync(ServeFixture.Shapes));
        var id = await gateway.SubmitAsync(
            new
            {
                prompt = Prompt,
                context = new[] { new { image = picture } },
                seed = 7,
                steps = Steps,
                webhook,
            }
        );
        var trace = await traces.OfAsync(id, SpanName.Webhook);
        TestContext.Current.SendDiagnosticMessage("{0} {1}", trace.Coverage, trace.Drawing);

        trace.Shape.ShouldBe(Shape);
        trace.Coverage.ShouldBeGreaterThanOrEqualTo(0.95, trace.Drawing);
        var steps = trace.All(SpanName.DenoiseSteps).Single().Events.ToArray();
        steps.Select(step => step.Name).Distinct().ShouldBe([SpanName.StepEvent]);
        steps
            .Select(step => step.Tags.Single(tag => tag.Key == SpanAttribute.Step).Value)
            .ShouldBe(Enumerable.Range(1, Steps).Cast<object>());
        var job = trace.Job.TagObjects.ToDictionary();
        (job[SpanAttribute.Job], job[SpanAttribute.Outcome], job[SpanAttribute.GenAiModel]).ShouldBe(
            (id, "succeeded", "kontext-tiny")
        );
        // Whoever is told of the end can go on with the trace.
        await receiver.UntilAsync(2, TestContext.Current.CancellationToken);
        receiver.Requests[1].Headers["traceparent"].ShouldContain($"{trace.Job.TraceId}");
        ShouldSayNothingPrivate(trace);
    }

    private static void ShouldSayNothingPrivate(RecordedTrace trace)
    {
        var said = trace.Spans.SelectMany(span =>
            span.TagObjects.Concat(span.Events.SelectMany(happened => happened.Tags))
                .Select(tag => $"{tag.Key}={tag.Value}")
                .Append(span.DisplayName)
                .Append(span.StatusDescription ?? "")
        );
        said.ShouldAllBe(text => !text.Contains("pink") && !text.Contains("whsec") && !text.Contains("told"));
    }
}
