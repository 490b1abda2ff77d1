using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Messages;
using Kontext.Flux.Images;
using Kontext.Gateway.Requests;

namespace Kontext.Gateway.Tests.Http;

public sealed class ContextOfJobTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const TaskPhase Done = TaskPhase.Done;
    private readonly string _parent = Guid.NewGuid().ToString("N");

    private static CancellationToken Token => GatewayHost.Token;

    private JobSpec Parent => SampleJobs.Spec(_parent, model: GatewayHost.TinyRef) with { Width = 64, Height = 64 };

    [Fact]
    public async Task Latents_of_the_same_model_at_a_preferred_size_are_handed_over()
    {
        await EndAsync(Parent);
        await PutAsync(SampleJobs.Output(_parent, 0).Latents);
        var context = (await AcceptAsync()).ShouldBeOfType<LatentContext>();
        context.ShouldBe(new(SampleJobs.Output(_parent, 0).Latents, 4, 4));
    }

    [Fact]
    public async Task Of_another_size_it_is_the_picture_brought_to_a_preferred_one()
    {
        await EndAsync(Parent with { Width = 48, Height = 80 });
        await PutAsync(SampleJobs.Output(_parent, 0).Image);
        var context = (await AcceptAsync()).ShouldBeOfType<PixelContext>();
        (context.Image, context.Width, context.Height).ShouldBe((SampleJobs.Output(_parent, 0).Image, 64, 64));
        context.Digest.ShouldBe(ImageDecoder.Look(GatewayHost.Picture, PixelDigest.Of));
    }

    [Fact]
    public async Task Of_another_model_it_is_the_picture()
    {
        await EndAsync(Parent with { Model = new(GatewayHost.Tiny.Name, "sha256:other") });
        await PutAsync(SampleJobs.Output(_parent, 0).Image);
        (await AcceptAsync()).ShouldBeOfType<PixelContext>();
    }

    [Fact]
    public async Task An_image_of_a_job_that_failed_later_is_an_image()
    {
        var record = SampleJobs.Record(Parent with { Count = 2 }, Done, Done, Done, Done, TaskPhase.Released);
        await shared.Host.SaveAsync(record.End(JobOutcome.Failed));
        await PutAsync(SampleJobs.Output(_parent, 0).Latents);
        (await AcceptAsync()).ShouldBeOfType<LatentContext>();
        await SubmitAsync(image: 1).ShouldBeProblemAsync(ErrorCode.ImageNotFound);
    }

    [Fact]
    public async Task What_is_not_there_cannot_be_built_on()
    {
        (await SubmitAsync().ShouldBeProblemAsync(ErrorCode.JobNotFound)).ShouldContain("'context[0]'");
        await shared.Host.SaveAsync(SampleJobs.Record(Parent, Done, TaskPhase.Released, TaskPhase.Blocked));
        (await SubmitAsync().ShouldBeProblemAsync(ErrorCode.ImageNotFound)).ShouldContain("'context[0]'");
        await SubmitAsync(image: -1).ShouldBeProblemAsync(ErrorCode.ImageNotFound);
    }

    [Fact]
    public async Task What_is_kept_no_more_cannot_be_built_on()
    {
        await EndAsync(Parent);
        (await SubmitAsync().ShouldBeProblemAsync(ErrorCode.ImageNotFound)).ShouldContain("not kept any more");
    }

    [Fact]
    public async Task A_job_of_another_tenant_is_not_there()
    {
        await EndAsync(Parent with { Tenant = "other" });
        await PutAsync(SampleJobs.Output(_parent, 0).Latents);
        await SubmitAsync().ShouldBeProblemAsync(ErrorCode.JobNotFound);
    }

    private Task EndAsync(JobSpec parent) =>
        shared.Host.SaveAsync(SampleJobs.Record(parent, Done, Done, Done).End(JobOutcome.Succeeded));

    private Task PutAsync(string name) => shared.Host.Objects.PutAsync(name, GatewayHost.Picture, "image/png", Token);

    private Task<HttpResponseMessage> SubmitAsync(int image = 0) =>
        shared.Host.PostAsync(new { prompt = "x", context = new[] { new { job = _parent, image } } });

    private async Task<JobContext> AcceptAsync()
    {
        var job = await SubmitAsync().ShouldBeJobAsync(202);
        var spec = (await shared.Host.SentAsync<SubmitJob>()).Spec;
        spec.Id.ShouldBe(job.Id());
        return spec.Contexts.ShouldHaveSingleItem();
    }
}
