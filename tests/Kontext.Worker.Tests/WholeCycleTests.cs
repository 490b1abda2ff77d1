using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Flux.Bundles;
using Kontext.Flux.Images;
using Kontext.Servers;
using Kontext.Storage.Objects;
using Kontext.Storage.Tensors;
using Kontext.Storage.Workers;

namespace Kontext.Worker.Tests;

/// <summary>Encode, denoise and decode through the lanes, on embedded parts and on real servers: what comes out is what the pipeline makes.</summary>
public sealed class WholeCycleTests(TinyModel model) : IClassFixture<TinyModel>
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_job_becomes_the_picture_that_the_pipeline_makes(bool servers)
    {
        await using var cluster = await ClusterAsync(servers);
        var worker = await cluster.StartWorkerAsync();
        var job = await cluster.OpenJobAsync(seed: 11);
        var encoded = await worker.RunAsync<EncodeOutput>(TestCluster.Encode(job));
        var denoised = await worker.RunAsync<DenoiseOutput>(TestCluster.Denoise(job, encoded));
        var decode = TestCluster.Decode(job, denoised);
        var report = await worker.RunAsync(decode);

        report.Result.ShouldBe(TaskResult.Succeeded, report.Fault?.Message);
        report.Worker.ShouldBe(worker.Options.Id);
        report.Device.ShouldBe("cpu fp32");
        report.DeviceMs.ShouldBeGreaterThan(0);
        report.FinishedAt.ShouldBeGreaterThanOrEqualTo(report.StartedAt);
        var decoded = report.Output.ShouldBeOfType<DecodeOutput>();
        decoded.Image.ShouldBe(ObjectNames.Image(job.Spec.Id, 0, report.Claim, "png"));

        var expected = model.Make(model.Edit(job.Spec.Prompt, job.Spec.Steps, job.Spec.Seed));
        var provenance = new Provenance(Edited: true, job.Spec.Model.Name, job.Spec.Seed, Provenance.ThisProgram);
        var file = (await cluster.Objects.ReadAsync(decoded.Image, TestCluster.Token))!;
        file.ShouldBe(ImageEncoder.Encode(expected.Image, ImageFormat.Png, provenance));
        decoded.Bytes.ShouldBe(file.LongLength);
        var latents = (await cluster.Objects.ReadAsync(decoded.Latents, TestCluster.Token))!;
        TensorFile.Read(decoded.Latents, latents)!.Floats.ToArray().ShouldBe(expected.Latents.Tokens);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_worker_serves_is_known_while_it_lives(bool servers)
    {
        await using var cluster = await ClusterAsync(servers);
        var worker = await cluster.StartWorkerAsync();
        worker.IsReady.ShouldBeTrue();
        worker.IsLive.ShouldBeTrue();
        var directory = worker.Get<WorkerDirectory>();
        await Eventually.TrueAsync(async () =>
            (await directory.ReadAsync(TestCluster.Token)).Any(profile =>
                profile.Id == worker.Options.Id && profile.Accepting && profile.Models.Contains(cluster.ModelRef)
            )
        );
        var manifest = await cluster.Objects.ReadAsync(ObjectNames.Model(cluster.ModelRef.Short), TestCluster.Token);
        System.Text.Encoding.UTF8.GetString(manifest!).ShouldBe(model.Bundle.Manifest.ToJson());

        await worker.StopAsync();
        worker.IsReady.ShouldBeFalse();
        (await directory.ReadAsync(TestCluster.Token)).ShouldNotContain(profile => profile.Id == worker.Options.Id);
    }

    [Fact]
    public async Task What_was_encoded_before_is_not_encoded_again()
    {
        await using var cluster = await ClusterAsync(servers: false);
        var worker = await cluster.StartWorkerAsync();
        var (first, second) = (await cluster.OpenJobAsync(), await cluster.OpenJobAsync());
        var encoded = await worker.RunAsync<EncodeOutput>(TestCluster.Encode(first));
        var again = await worker.RunAsync(TestCluster.Encode(second));
        again.Output.ShouldBeOfType<EncodeOutput>().Contexts.ShouldBe(encoded.Contexts);
        again.DeviceMs.ShouldBe(0);
        worker.Model.Prompts.ShouldBe(1);
    }

    [Fact]
    public async Task What_one_tenant_had_encoded_is_encoded_again_for_another()
    {
        await using var cluster = await ClusterAsync(servers: false);
        var worker = await cluster.StartWorkerAsync();
        var first = await worker.RunAsync(TestCluster.Encode(await cluster.OpenJobAsync(tenant: "acme")));
        var other = await worker.RunAsync(TestCluster.Encode(await cluster.OpenJobAsync(tenant: "other")));
        var again = await worker.RunAsync(TestCluster.Encode(await cluster.OpenJobAsync(tenant: "acme")));
        (first.DeviceMs > 0, other.DeviceMs > 0, again.DeviceMs > 0).ShouldBe((true, true, false));
        worker.Model.Prompts.ShouldBe(2);
        string?[] ofFirst = Keys(first);
        ofFirst.ShouldBe(Keys(again));
        ofFirst.Intersect(Keys(other)).ShouldBeEmpty();

        static string?[] Keys(TaskReport report)
        {
            var output = report.Output.ShouldBeOfType<EncodeOutput>();
            return [output.Text, output.Pooled, .. output.Contexts];
        }
    }

    [Fact]
    public async Task A_next_edit_starts_from_the_latents_of_the_one_before()
    {
        await using var cluster = await ClusterAsync(servers: false);
        var worker = await cluster.StartWorkerAsync();
        var job = await cluster.OpenJobAsync();
        var encoded = await worker.RunAsync<EncodeOutput>(TestCluster.Encode(job));
        var denoised = await worker.RunAsync<DenoiseOutput>(TestCluster.Denoise(job, encoded));
        var decoded = await worker.RunAsync<DecodeOutput>(TestCluster.Decode(job, denoised));

        var next = await cluster.OpenJobAsync("make the background blue");
        var (rows, columns) = (next.Spec.Height / 16, next.Spec.Width / 16);
        next = next with { Spec = next.Spec with { Contexts = [new LatentContext(decoded.Latents, rows, columns)] } };
        var nextEncoded = await worker.RunAsync<EncodeOutput>(TestCluster.Encode(next));
        nextEncoded.Contexts.ShouldBe([null]);
        var made = await worker.RunAsync<DenoiseOutput>(TestCluster.Denoise(next, nextEncoded));

        var input = model.Edit(next.Spec.Prompt, next.Spec.Steps, next.Spec.Seed);
        var before = model.Make(model.Edit(job.Spec.Prompt, job.Spec.Steps, job.Spec.Seed));
        var expected = model.Make(input with { Contexts = [before.Latents] });
        (await worker.ReadLatentsAsync(made)).ShouldBe(expected.Latents.Tokens);
    }

    [Fact]
    public async Task A_negative_prompt_takes_effect()
    {
        await using var cluster = await ClusterAsync(servers: false);
        var worker = await cluster.StartWorkerAsync();
        var job = await cluster.OpenJobAsync();
        job = job with { Spec = job.Spec with { NegativePrompt = "a blue circle", TrueCfgScale = 3f } };
        var encoded = await worker.RunAsync<EncodeOutput>(TestCluster.Encode(job));
        var made = await worker.RunAsync<DenoiseOutput>(TestCluster.Denoise(job, encoded));
        var input = model.Edit(job.Spec.Prompt, job.Spec.Steps, job.Spec.Seed);
        var negative = model.Edit("a blue circle", job.Spec.Steps, job.Spec.Seed).Prompt;
        var expected = model.Make(input with { Negative = negative, TrueCfgScale = 3f });
        (await worker.ReadLatentsAsync(made)).ShouldBe(expected.Latents.Tokens);
    }

    [Fact]
    public async Task Tensors_that_are_gone_are_missing_and_no_failure()
    {
        await using var cluster = await ClusterAsync(servers: false);
        var worker = await cluster.StartWorkerAsync();
        var job = await cluster.OpenJobAsync();
        var encoded = await worker.RunAsync<EncodeOutput>(TestCluster.Encode(job));
        var denoise = TestCluster.Denoise(job, encoded with { Contexts = ["gone"] });
        (await worker.RunAsync(denoise)).Result.ShouldBe(TaskResult.InputsMissing);
        denoise = TestCluster.Denoise(job, encoded with { Pooled = "gone" }, run: 2);
        (await worker.RunAsync(denoise)).Result.ShouldBe(TaskResult.InputsMissing);
        var decode = TestCluster.Decode(job, new("gone"));
        (await worker.RunAsync(decode)).Result.ShouldBe(TaskResult.InputsMissing);
        worker.Model.Steps.ShouldBe(0);
    }

    [Fact]
    public async Task Pictures_and_latents_that_nobody_can_make_again_fail_the_task()
    {
        await using var cluster = await ClusterAsync(servers: false);
        var worker = await cluster.StartWorkerAsync();
        var job = await cluster.OpenJobAsync();
        var pixels = new PixelContext(ObjectNames.Input("gone", 0), "digest of it", 64, 64);
        job = job with { Spec = job.Spec with { Contexts = [pixels] } };
        (await worker.RunAsync(TestCluster.Encode(job))).Fault!.Code.ShouldBe("image_not_found");

        job = job with { Spec = job.Spec with { Contexts = [new LatentContext("outputs/gone.latents", 4, 4)] } };
        var encoded = await worker.RunAsync<EncodeOutput>(TestCluster.Encode(job, run: 2));
        (await worker.RunAsync(TestCluster.Denoise(job, encoded))).Fault!.Code.ShouldBe("image_not_found");
    }

    [Fact]
    public async Task A_fault_of_the_request_is_told_by_its_code()
    {
        await using var cluster = await ClusterAsync(servers: false);
        var worker = await cluster.StartWorkerAsync();
        var job = await cluster.OpenJobAsync(prompt: string.Join(' ', Enumerable.Repeat("pink", 2000)));
        var report = await worker.RunAsync(TestCluster.Encode(job));
        report.Result.ShouldBe(TaskResult.Failed);
        report.Fault!.Code.ShouldBe("prompt_too_long");
    }

    private async Task<TestCluster> ClusterAsync(bool servers) =>
        servers
            ? await TestCluster.OnRedisAsync(model, (await RabbitMqServer.SharedAsync()).ConnectionString)
            : new(model);
}
