using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Worker.Tasks;

namespace Kontext.Worker.Tests;

/// <summary>Who takes which task, on a real broker.</summary>
public sealed class LanesTests(TinyModel model, OwnBroker broker)
    : IClassFixture<TinyModel>,
        IClassFixture<OwnBroker>,
        IAsyncLifetime
{
    private TestCluster _cluster = null!;

    public async ValueTask InitializeAsync() =>
        _cluster = await TestCluster.OnRedisAsync(model, broker.Server.ConnectionString);

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task An_urgent_task_overtakes_in_a_worker_that_is_full_of_others()
    {
        var worker = await _cluster.StartWorkerAsync(options => options with { DenoiseSlots = 1 });
        var (_, slow) = await DenoiseAsync(worker, steps: 12);
        var (_, urgent) = await DenoiseAsync(worker, steps: 8, Priority.Interactive);
        using var hold = new Hold(worker.Model, atStep: 3);
        await worker.SendAsync(slow);
        await hold.ReachedAsync();
        worker.Model.BeforeStep = _ => { };
        await worker.SendAsync(urgent);
        await Eventually.TrueAsync(() => worker.Get<RunningTasks>().Has(urgent));
        hold.Release();
        var first = await _cluster.Reports.NextAsync(urgent);
        var second = await _cluster.Reports.NextAsync(slow);
        first.FinishedAt.ShouldBeLessThan(second.FinishedAt);
    }

    [Fact]
    public async Task A_worker_claims_no_more_than_its_slots()
    {
        var worker = await _cluster.StartWorkerAsync(options => options with { DenoiseSlots = 2 });
        using var hold = new Hold(worker.Model, atStep: 1);
        var tasks = new List<StageTask>();
        for (var i = 0; i < 5; i++)
        {
            var (_, task) = await DenoiseAsync(worker, steps: 8);
            tasks.Add(task);
            await worker.SendAsync(task);
        }
        await hold.ReachedAsync();
        await Eventually.TrueAsync(() => worker.Get<RunningTasks>().Count == 2);
        var claimed = 0;
        foreach (var task in tasks)
        {
            var claims = await _cluster.Claims.ReadAsync(task.Job, TestCluster.Token);
            claimed += claims.ContainsKey(task.Task) ? 1 : 0;
        }
        claimed.ShouldBe(2);
        hold.Release();
        foreach (var task in tasks)
        {
            (await _cluster.Reports.NextAsync(task)).Result.ShouldBe(TaskResult.Succeeded);
        }
    }

    [Fact]
    public async Task What_a_worker_that_goes_has_not_claimed_is_done_by_another()
    {
        var first = await _cluster.StartWorkerAsync(options => options with { DenoiseSlots = 1 });
        using var hold = new Hold(first.Model, atStep: 2);
        var tasks = new List<StageTask>();
        for (var i = 0; i < 3; i++)
        {
            var (_, task) = await DenoiseAsync(first, steps: 8);
            tasks.Add(task);
            await first.SendAsync(task);
        }
        await hold.ReachedAsync();
        var second = await _cluster.StartWorkerAsync();
        var stop = first.StopAsync();
        await Eventually.TrueAsync(() => first.State == WorkerState.Draining);
        hold.Release();
        await stop;

        (await _cluster.Reports.NextAsync(tasks[0])).Result.ShouldBe(TaskResult.GivenBack);
        foreach (var task in tasks[1..])
        {
            var report = await _cluster.Reports.NextAsync(task);
            (report.Result, report.Worker).ShouldBe((TaskResult.Succeeded, second.Options.Id));
        }
        await second.SendAsync(tasks[0] with { Run = 2 });
        (await _cluster.Reports.NextAsync(tasks[0] with { Run = 2 })).Result.ShouldBe(TaskResult.Succeeded);
        (first.Model.Steps + second.Model.Steps).ShouldBe(3 * 8);
    }

    [Fact]
    public async Task A_worker_serves_its_stages_alone()
    {
        var encoder = await _cluster.StartWorkerAsync(options => options with { Stages = [Stage.Encode] });
        var rest = await _cluster.StartWorkerAsync(options => options with { Stages = [Stage.Denoise, Stage.Decode] });
        var job = await _cluster.OpenJobAsync();
        var encode = await encoder.RunAsync(TestCluster.Encode(job));
        encode.Worker.ShouldBe(encoder.Options.Id);
        var denoise = await encoder.RunAsync(TestCluster.Denoise(job, encode.Output.ShouldBeOfType<EncodeOutput>()));
        denoise.Worker.ShouldBe(rest.Options.Id);
        var decode = await encoder.RunAsync(TestCluster.Decode(job, denoise.Output.ShouldBeOfType<DenoiseOutput>()));
        (decode.Worker, decode.Result).ShouldBe((rest.Options.Id, TaskResult.Succeeded));
    }

    private async Task<(JobRecord Job, StageTask Task)> DenoiseAsync(
        WorkerHost worker,
        int steps,
        Priority priority = Priority.Standard
    )
    {
        var job = await _cluster.OpenJobAsync(steps: steps, priority: priority);
        return (job, TestCluster.Denoise(job, await worker.RunAsync<EncodeOutput>(TestCluster.Encode(job))));
    }
}
