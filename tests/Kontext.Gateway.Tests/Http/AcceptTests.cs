using System.Net;
using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Messages;
using Kontext.Flux.Images;
using Kontext.Gateway.Requests;
using Kontext.Storage.Objects;

namespace Kontext.Gateway.Tests.Http;

public sealed class AcceptTests
{
    private static readonly string Image = Convert.ToBase64String(GatewayHost.Picture);

    private static CancellationToken Token => GatewayHost.Token;

    [Fact]
    public async Task An_accepted_job_is_stored_and_told_to_the_leader()
    {
        await using var host = await GatewayHost.StartAsync();
        using var answer = await host.PostAsync(
            new
            {
                prompt = "make it night",
                context = new[] { new { image = Image } },
                seed = 5,
                count = 2,
                format = "webp",
                priority = "batch",
                deadline = "2999-01-01T00:00:00Z",
            }
        );
        var job = await Task.FromResult(answer).ShouldBeJobAsync(202);
        answer.Headers.Location!.OriginalString.ShouldBe($"/v1/jobs/{job.Id()}");
        job.Status().ShouldBe("queued");

        var spec = (await host.PendingAsync(job.Id())).ShouldNotBeNull();
        (spec.Prompt, spec.Seed, spec.Count, spec.Format).ShouldBe(("make it night", 5L, 2, "webp"));
        (spec.Model, spec.Priority, spec.Tenant).ShouldBe((GatewayHost.TinyRef, Priority.Batch, "default"));
        (spec.Width, spec.Height, spec.Steps, spec.Guidance).ShouldBe((64, 64, 8, 2.5f));
        var context = spec.Contexts.ShouldHaveSingleItem().ShouldBeOfType<PixelContext>();
        (context.Width, context.Height).ShouldBe((64, 64));
        context.Digest.ShouldBe(ImageDecoder.Look(GatewayHost.Picture, PixelDigest.Of));
        (await host.Objects.ReadAsync(context.Image, Token)).ShouldBe(GatewayHost.Picture);

        (await host.SentAsync<SubmitJob>()).Spec.Id.ShouldBe(job.Id());
    }

    [Fact]
    public async Task The_seed_of_a_job_without_one_follows_from_its_id()
    {
        await using var host = await GatewayHost.StartAsync();
        var first = await host.PostAsync(new { prompt = "x" }).ShouldBeJobAsync(202);
        var second = await host.PostAsync(new { prompt = "x" }).ShouldBeJobAsync(202);
        first.Id().ShouldNotBe(second.Id());
        first.GetProperty("seed").GetInt64().ShouldBe(Convert.ToUInt32(first.Id()[24..], 16));
    }

    [Fact]
    public async Task The_same_pixels_in_another_file_are_the_same_context()
    {
        await using var host = await GatewayHost.StartAsync();
        var again = ImageEncoder.Encode(ImageDecoder.Decode(GatewayHost.Picture), ImageFormat.Png, provenance: null);
        again.ShouldNotBe(GatewayHost.Picture);
        string[] files = [Image, Convert.ToBase64String(again)];
        await host.PostAsync(new { prompt = "x", context = files.Select(image => new { image }) })
            .ShouldBeJobAsync(202);
        PixelContext[] contexts = [.. (await host.SentAsync<SubmitJob>()).Spec.Contexts.Cast<PixelContext>()];
        contexts[0].Digest.ShouldBe(contexts[1].Digest);
        contexts[0].Image.ShouldNotBe(contexts[1].Image);
    }

    [Fact]
    public async Task A_leader_that_cannot_be_told_finds_the_job_by_itself()
    {
        await using var host = await GatewayHost.StartAsync(serving: false);
        await host.AnnounceAsync(GatewayHost.Tiny);
        var job = await host.PostAsync(new { prompt = "x" }).ShouldBeJobAsync(202);
        (await host.PendingAsync(job.Id())).ShouldNotBeNull();
    }

    [Theory]
    [InlineData(ObjectNames.PendingPrefix)]
    [InlineData("inputs/")]
    public async Task Without_the_object_store_nothing_is_accepted_and_no_reservation_left(string broken)
    {
        await using var host = await GatewayHost.StartAsync("Gateway:MaxOpenJobs", "1");
        var body = new { prompt = "x", context = new[] { new { image = Image } } };
        host.Objects.Broken = broken;
        await host.PostAsync(body).ShouldBeProblemAsync(ErrorCode.ServiceUnavailable);
        await host.PostAsync(body).ShouldBeProblemAsync(ErrorCode.ServiceUnavailable);
        host.Objects.Broken = null;
        host.Unheard.ShouldBe(0);
        (await host.CountPendingAsync()).ShouldBe(0);
        await host.PostAsync(body).ShouldBeJobAsync(202);
    }

    [Fact]
    public async Task Past_the_bound_it_is_too_many()
    {
        await using var host = await GatewayHost.StartAsync(
            "Gateway:MaxOpenJobs",
            "2",
            "Gateway:RetryAfter",
            "00:00:07"
        );
        await host.PostAsync(new { prompt = "x" }).ShouldBeJobAsync(202);
        await host.PostAsync(new { prompt = "x" }, "key").ShouldBeJobAsync(202);
        using var answer = await host.PostAsync(new { prompt = "x" });
        await Task.FromResult(answer).ShouldBeProblemAsync(ErrorCode.TooManyJobs);
        answer.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(7));
        (await host.CountPendingAsync()).ShouldBe(2);
        // What is accepted already is no new job.
        await host.PostAsync(new { prompt = "x" }, "key").ShouldBeJobAsync(202);
    }

    [Fact]
    public async Task Many_at_once_are_never_more_than_the_bound()
    {
        await using var host = await GatewayHost.StartAsync("Gateway:MaxOpenJobs", "5");
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => host.PostAsync(new { prompt = "x" })));
        answers.Count(answer => answer.StatusCode == HttpStatusCode.Accepted).ShouldBe(5);
        answers.Count(answer => answer.StatusCode == HttpStatusCode.TooManyRequests).ShouldBe(15);
        (await host.CountPendingAsync()).ShouldBe(5);
    }

    [Fact]
    public async Task Before_a_worker_has_come_there_is_no_model()
    {
        await using var host = await GatewayHost.StartAsync(serving: false);
        (await host.PostAsync(new { prompt = "x" }).ShouldBeProblemAsync(ErrorCode.ServiceUnavailable)).ShouldContain(
            "No worker has announced a model yet"
        );
        // It is found as soon as it is there.
        await host.AnnounceAsync(GatewayHost.Tiny);
        await host.PostAsync(new { prompt = "x" }).ShouldBeJobAsync(202);
        (
            await host.PostAsync(new { prompt = "x", model = "pro" }).ShouldBeProblemAsync(ErrorCode.ModelNotFound)
        ).ShouldBe("There is no model 'pro'. Known: kontext-tiny.");
    }

    [Fact]
    public async Task A_manifest_that_cannot_be_read_hides_no_other()
    {
        await using var host = await GatewayHost.StartAsync(serving: false);
        await host.Objects.PutAsync(ObjectNames.Model("damaged-1"), "{}"u8.ToArray(), "application/json", Token);
        await host.AnnounceAsync(GatewayHost.Tiny);
        await host.PostAsync(new { prompt = "x" }).ShouldBeJobAsync(202);
    }
}
