using Kontext.Contracts;
using Kontext.Contracts.Tasks;
using Kontext.Flux.Images;
using Kontext.Flux.Stages;
using Kontext.Storage.Signals;
using Kontext.Storage.Tensors;
using Kontext.Worker.Models;
using Kontext.Worker.Tasks;
using Microsoft.Extensions.DependencyInjection;

namespace Kontext.Worker.Tests;

public sealed class LifeTests(TinyModel model) : IClassFixture<TinyModel>
{
    [Fact]
    public async Task Progress_is_told_from_the_first_step_to_the_last()
    {
        await using var cluster = new TestCluster(model);
        var worker = await cluster.StartWorkerAsync();
        var job = await cluster.OpenJobAsync(steps: 6);
        var encoded = await worker.RunAsync<EncodeOutput>(TestCluster.Encode(job));
        await using var subscription = await worker.Get<JobSignals>().SubscribeAsync(job.Spec.Id, TestCluster.Token);
        await worker.RunAsync<DenoiseOutput>(TestCluster.Denoise(job, encoded));
        var steps = new List<int>();
        while (steps.LastOrDefault() < 6)
        {
            if (await subscription.Signals.ReadAsync(TestCluster.Token) is JobSignal.Stepped { Progress: var progress })
            {
                (progress.Task, progress.Steps).ShouldBe((new TaskId(Stage.Denoise, 0), 6));
                steps.Add(progress.Step);
            }
        }
        steps[0].ShouldBe(1);
        steps.ShouldBe(steps.Order());
    }

    [Fact]
    public async Task Who_watches_sees_what_the_image_is_going_to_be()
    {
        await using var cluster = new TestCluster(model);
        var worker = await cluster.StartWorkerAsync();
        var job = await cluster.OpenJobAsync(steps: 6);
        var encoded = await worker.RunAsync<EncodeOutput>(TestCluster.Encode(job));
        await using var subscription = await worker.Get<JobSignals>().SubscribeAsync(job.Spec.Id, TestCluster.Token);
        var denoised = await worker.RunAsync<DenoiseOutput>(TestCluster.Denoise(job, encoded));
        while (true)
        {
            var signal = await subscription.Signals.ReadAsync(TestCluster.Token);
            if (signal is JobSignal.Previewed previewed && previewed.Take() is { Step: 6 } last)
            {
                (last.Task, last.Steps).ShouldBe((new TaskId(Stage.Denoise, 0), 6));
                var shown = ImageDecoder.Decode(last.Preview.ShouldNotBeNull());
                // The last is of what was made.
                var tensor = await worker.Get<SharedTensors>().GetAsync(denoised.Latents, TestCluster.Token);
                var latents = StageTensors.Latents(tensor.ShouldNotBeNull(), job.Spec.Width, job.Spec.Height);
                var expected = LatentPreview.Of(latents, model.Bundle.Manifest.Preview.ShouldNotBeNull());
                shown.Pixels.Zip(expected.Pixels).ShouldAllBe(pair => Math.Abs(pair.First - pair.Second) <= 1);
                return;
            }
        }
    }

    [Fact]
    public async Task With_stages_that_only_wait_everything_else_is_as_always()
    {
        await using var cluster = new TestCluster(model);
        var worker = await cluster.StartWorkerAsync(
            options => options with { StageTime = TimeSpan.Zero },
            services => services.AddSingleton<OpenModel>(_ => bundle => new WaitingModel(bundle, TimeSpan.Zero))
        );
        var job = await cluster.OpenJobAsync();
        var encoded = await worker.RunAsync<EncodeOutput>(TestCluster.Encode(job));
        var denoised = await worker.RunAsync<DenoiseOutput>(TestCluster.Denoise(job, encoded));
        var decoded = await worker.RunAsync<DecodeOutput>(TestCluster.Decode(job, denoised));
        (await cluster.Objects.ExistsAsync(decoded.Image, TestCluster.Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_worker_whose_model_cannot_be_loaded_says_so_and_ends()
    {
        await using var cluster = new TestCluster(model);
        var starting = cluster.StartWorkerAsync(
            options => options,
            services =>
                services.AddSingleton<OpenModel>(_ =>
                    _ => throw new KontextException(ErrorCode.ModelIncomplete, "no decoder")
                )
        );
        (await Should.ThrowAsync<KontextException>(starting)).Code.ShouldBe(ErrorCode.ModelIncomplete);
    }
}
