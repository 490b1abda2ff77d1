using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Servers;
using Kontext.Worker.Tasks;

namespace Kontext.Worker.Tests;

/// <summary>What a worker does while a server that it needs is away.</summary>
public sealed class LostServerTests(TinyModel model) : IClassFixture<TinyModel>
{
    [Fact]
    public async Task A_result_waits_for_Redis_to_come_back()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var proxy = new TcpProxy(redis.Port);
        await using var cluster = new TestCluster(
            model,
            $"127.0.0.1:{proxy.Port},connectTimeout=1000,asyncTimeout=1000"
        );
        var worker = await cluster.StartWorkerAsync();
        var job = await cluster.OpenJobAsync();
        var encoded = await worker.RunAsync<EncodeOutput>(TestCluster.Encode(job));
        var task = TestCluster.Denoise(job, encoded);
        using var hold = new Hold(worker.Model, atStep: 8);
        await worker.SendAsync(task);
        await hold.ReachedAsync();

        proxy.Refuse();
        hold.Release();
        // Work goes on without it; then nothing can be stored, and nothing is lost for that.
        await Eventually.TrueAsync(() => worker.Model.Steps == 8);
        await Task.Delay(TimeSpan.FromSeconds(2), TestCluster.Token);
        worker.Get<RunningTasks>().Has(task).ShouldBeTrue();
        proxy.Resume();

        var report = await cluster.Reports.NextAsync(task);
        // The tensor could not be stored: it is told so, to be tried again, unless Redis was back in time.
        (report.Result == TaskResult.Succeeded || report.Fault?.Code == "service_unavailable").ShouldBeTrue();
        worker.IsLive.ShouldBeTrue();
        var again = task with { Run = 2 };
        (await worker.RunAsync(again)).Result.ShouldBe(TaskResult.Succeeded);
    }

    [Fact]
    public async Task A_Redis_that_has_lost_everything_makes_claims_and_results_void()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var cluster = new TestCluster(model, redis.ConnectionString);
        var worker = await cluster.StartWorkerAsync();
        var job = await cluster.OpenJobAsync();
        var encoded = await worker.RunAsync<EncodeOutput>(TestCluster.Encode(job));
        var task = TestCluster.Denoise(job, encoded);
        using var hold = new Hold(worker.Model, atStep: 8);
        var delivery = worker.DeliverAsync(task);
        await hold.ReachedAsync();
        await redis.WipeAndRestartAsync();
        hold.Release();
        await delivery;
        cluster.Reports.Count(task).ShouldBe(0);

        // A leader takes the job from its acceptance and begins anew.
        var anew = await cluster.ReopenAsync(job);
        encoded = await worker.RunAsync<EncodeOutput>(TestCluster.Encode(anew));
        var denoised = await worker.RunAsync<DenoiseOutput>(TestCluster.Denoise(anew, encoded));
        var expected = model.Make(model.Edit(job.Spec.Prompt, job.Spec.Steps, job.Spec.Seed));
        (await worker.ReadLatentsAsync(denoised)).ShouldBe(expected.Latents.Tokens);
    }
}
