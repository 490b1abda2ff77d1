using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Storage.Jobs;
using Kontext.Storage.Tensors;
using Kontext.Worker.Tasks;

namespace Kontext.Worker.Tests;

/// <summary>What becomes of a sample that does not run undisturbed, on a real Redis.</summary>
public sealed class InterruptionTests(TinyModel model) : IClassFixture<TinyModel>, IAsyncLifetime
{
    private const int Steps = 12;

    private TestCluster _cluster = null!;

    public async ValueTask InitializeAsync() => _cluster = await TestCluster.OnRedisAsync(model);

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task A_job_that_ends_stops_what_runs_of_it_and_its_device_time_is_told()
    {
        var worker = await _cluster.StartWorkerAsync();
        var (job, task) = await DenoiseAsync(worker);
        using var hold = new Hold(worker.Model, atStep: 5);
        await worker.SendAsync(task);
        await hold.ReachedAsync();
        await _cluster.SaveAsync(job with { Phase = JobPhase.Finishing, Outcome = JobOutcome.Cancelled });
        await Eventually.TrueAsync(() => !worker.Get<RunningTasks>().Has(task));
        hold.Release();

        var report = await _cluster.Reports.NextAsync(task);
        report.Result.ShouldBe(TaskResult.Stopped);
        report.DeviceMs.ShouldBeGreaterThan(0);
        worker.Model.Steps.ShouldBe(5);
    }

    [Fact]
    public async Task A_claim_that_the_arbiter_does_not_know_any_more_is_stopped_by_the_next_beat()
    {
        var worker = await _cluster.StartWorkerAsync();
        var (job, task) = await DenoiseAsync(worker);
        using var hold = new Hold(worker.Model, atStep: 5);
        var delivery = worker.DeliverAsync(task);
        await hold.ReachedAsync();
        await _cluster.Claims.RemoveAsync(job.Spec.Id, TestCluster.Token);
        await Eventually.TrueAsync(() => !worker.Get<RunningTasks>().Has(task));
        hold.Release();

        await delivery;
        worker.Model.Steps.ShouldBe(5);
        _cluster.Reports.Count(task).ShouldBe(0);
    }

    [Fact]
    public async Task A_result_under_a_claim_that_was_lost_is_refused_and_not_reported()
    {
        var worker = await _cluster.StartWorkerAsync();
        var (job, task) = await DenoiseAsync(worker);
        using var hold = new Hold(worker.Model, atStep: Steps);
        var delivery = worker.DeliverAsync(task, id: "delivery");
        await hold.ReachedAsync();
        // The broker has seen the first holder go, as it believes.
        var other = await _cluster.Claims.ClaimAsync(task, "delivery", redelivered: true, "other", TestCluster.Token);
        var granted = other.ShouldBeOfType<ClaimAnswer.Granted>();
        hold.Release();
        await delivery;

        _cluster.Reports.Count(task).ShouldBe(0);
        var claim = (await _cluster.Claims.ReadAsync(job.Spec.Id, TestCluster.Token))[task.Task];
        (claim.Number, claim.Worker, claim.Report).ShouldBe((granted.Number, "other", null));
    }

    [Fact]
    public async Task A_live_claim_refuses_a_second_delivery()
    {
        var (first, second) = (await _cluster.StartWorkerAsync(), await _cluster.StartWorkerAsync());
        var (_, task) = await DenoiseAsync(first);
        using var hold = new Hold(first.Model, atStep: 3);
        var delivery = first.DeliverAsync(task, id: "delivery");
        await hold.ReachedAsync();
        await second.DeliverAsync(task, id: "another");
        // The broker doubts the first, the first does not.
        await first.DeliverAsync(task, id: "delivery", redelivered: true);
        hold.Release();
        await delivery;
        (first.Model.Steps, second.Model.Steps).ShouldBe((Steps, 0));
        (await _cluster.Reports.NextAsync(task)).Result.ShouldBe(TaskResult.Succeeded);
    }

    [Fact]
    public async Task A_report_that_was_lost_is_sent_again_and_nothing_is_computed_twice()
    {
        var worker = await _cluster.StartWorkerAsync();
        var (_, task) = await DenoiseAsync(worker);
        await worker.DeliverAsync(task, id: "delivery");
        var first = await _cluster.Reports.NextAsync(task);
        await worker.DeliverAsync(task, id: "delivery", redelivered: true);
        (await _cluster.Reports.NextAsync(task)).ShouldBe(first);
        worker.Model.Steps.ShouldBe(Steps);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public async Task Where_one_worker_died_another_goes_on_from_the_checkpoint(int interval)
    {
        var first = await _cluster.StartWorkerAsync(options => options with { CheckpointSteps = interval });
        var second = await _cluster.StartWorkerAsync(options => options with { CheckpointSteps = interval });
        var (job, task) = await DenoiseAsync(first);
        using var hold = new Hold(first.Model, atStep: 9);
        var dead = first.DeliverAsync(task, id: "delivery");
        await hold.ReachedAsync();
        var expected = 8 / interval * interval;
        await Eventually.TrueAsync(async () => (await CheckpointAsync(job, task))?.Step == expected);

        await second.DeliverAsync(task, id: "delivery", redelivered: true);
        var report = await _cluster.Reports.NextAsync(task);
        report.Worker.ShouldBe(second.Options.Id);
        second.Model.Steps.ShouldBe(Steps - expected);
        (8 + second.Model.Steps).ShouldBeLessThanOrEqualTo(Steps + interval);
        await ShouldBeUndisturbedAsync(second, job, report);

        // And the one that was taken for dead changes nothing when it comes back.
        hold.Release();
        await dead;
        _cluster.Reports.Count(task).ShouldBe(0);
        await ShouldBeUndisturbedAsync(second, job, report);
    }

    [Fact]
    public async Task A_checkpoint_of_another_numeric_class_is_of_no_use()
    {
        var worker = await _cluster.StartWorkerAsync();
        var (job, task) = await DenoiseAsync(worker);
        var claim = await _cluster.Claims.ClaimAsync(task, "delivery", redelivered: false, "other", TestCluster.Token);
        var number = claim.ShouldBeOfType<ClaimAnswer.Granted>().Number;
        var latents = model.Make(model.Edit(job.Spec.Prompt, Steps, job.Spec.Seed)).Latents;
        await worker
            .Get<SharedTensors>()
            .PutAsync("another's", StageTensors.Latents(latents), "digest", TestCluster.Token);
        var checkpoint = new Checkpoint("another's", 6, "another class");
        (
            await _cluster.Claims.CheckpointAsync(job.Spec.Id, task.Task, number, checkpoint, TestCluster.Token)
        ).ShouldBeTrue();

        await worker.DeliverAsync(task, id: "delivery", redelivered: true);
        worker.Model.Steps.ShouldBe(Steps);
        await ShouldBeUndisturbedAsync(worker, job, await _cluster.Reports.NextAsync(task));
    }

    [Fact]
    public async Task A_checkpoint_whose_latents_are_gone_begins_again()
    {
        var (first, second) = (
            await _cluster.StartWorkerAsync(options => options with { CheckpointSteps = 2 }),
            await _cluster.StartWorkerAsync()
        );
        var (job, task) = await DenoiseAsync(first);
        using var hold = new Hold(first.Model, atStep: 6);
        var dead = first.DeliverAsync(task, id: "delivery");
        await hold.ReachedAsync();
        await Eventually.TrueAsync(async () => (await CheckpointAsync(job, task))?.Step == 4);
        var checkpoint = (await CheckpointAsync(job, task))!;
        await second.Get<SharedTensors>().RemoveAsync(checkpoint.Latents, TestCluster.Token);

        await second.DeliverAsync(task, id: "delivery", redelivered: true);
        second.Model.Steps.ShouldBe(Steps);
        await ShouldBeUndisturbedAsync(second, job, await _cluster.Reports.NextAsync(task));
        hold.Release();
        await dead;
    }

    [Fact]
    public async Task Each_checkpoint_takes_the_place_of_the_one_before()
    {
        var worker = await _cluster.StartWorkerAsync(options => options with { CheckpointSteps = 2 });
        var (job, task) = await DenoiseAsync(worker);
        var seen = new HashSet<string>();
        // Held before every step until the checkpoint that is due has been written.
        worker.Model.BeforeStep = step =>
        {
            var due = (step - 1) / 2 * 2;
            if (due > 0)
            {
                Eventually
                    .TrueAsync(async () => (await CheckpointAsync(job, task))?.Step == due)
                    .GetAwaiter()
                    .GetResult();
                seen.Add(CheckpointAsync(job, task).GetAwaiter().GetResult()!.Latents);
            }
        };
        await worker.DeliverAsync(task);
        seen.Count.ShouldBe(5);
        var tensors = worker.Get<SharedTensors>();
        var left = 0;
        foreach (var key in seen)
        {
            left += await tensors.GetAsync(key, TestCluster.Token) is null ? 0 : 1;
        }
        left.ShouldBe(1);
    }

    [Fact]
    public async Task A_worker_that_shuts_down_saves_and_gives_back_what_takes_steps()
    {
        var (first, second) = (await _cluster.StartWorkerAsync(), await _cluster.StartWorkerAsync());
        var (job, task) = await DenoiseAsync(first);
        using var hold = new Hold(first.Model, atStep: 7);
        await first.SendAsync(task);
        await hold.ReachedAsync();
        var stop = first.StopAsync();
        await Eventually.TrueAsync(() => !first.Get<RunningTasks>().Has(task));
        first.IsReady.ShouldBeFalse();
        hold.Release();
        await stop;

        var report = await _cluster.Reports.NextAsync(task);
        report.Result.ShouldBe(TaskResult.GivenBack);
        (first.Model.Steps, first.Get<RunningTasks>().Count).ShouldBe((7, 0));
        var claim = (await _cluster.Claims.ReadAsync(job.Spec.Id, TestCluster.Token))[task.Task];
        (claim.Live, claim.Deaths, claim.Checkpoint?.Step).ShouldBe((false, 0, 7));

        var again = task with { Run = 2 };
        await second.DeliverAsync(again);
        var finished = await _cluster.Reports.NextAsync(again);
        second.Model.Steps.ShouldBe(Steps - 7);
        await ShouldBeUndisturbedAsync(second, job, finished);
    }

    [Fact]
    public async Task A_worker_that_shuts_down_finishes_what_is_one_turn()
    {
        var worker = await _cluster.StartWorkerAsync();
        var job = await _cluster.OpenJobAsync("make it gold");
        var task = TestCluster.Encode(job);
        using var hold = new Hold(worker.Model, atStep: 0);
        await worker.SendAsync(task);
        await hold.ReachedAsync();
        var stop = worker.StopAsync();
        await Eventually.TrueAsync(() => !worker.IsReady);
        hold.Release();
        await stop;
        (await _cluster.Reports.NextAsync(task)).Result.ShouldBe(TaskResult.Succeeded);
    }

    [Fact]
    public async Task A_task_that_kills_workers_is_failed_by_the_next_and_not_begun()
    {
        var worker = await _cluster.StartWorkerAsync();
        var (_, task) = await DenoiseAsync(worker);
        for (var death = 0; death < Claims.DeathsAllowed; death++)
        {
            var answer = await _cluster.Claims.ClaimAsync(
                task,
                "it",
                redelivered: death > 0,
                $"{death}",
                TestCluster.Token
            );
            answer.ShouldBeOfType<ClaimAnswer.Granted>();
        }
        await worker.DeliverAsync(task, id: "it", redelivered: true);
        var report = await _cluster.Reports.NextAsync(task);
        (report.Result, report.Fault?.Code).ShouldBe((TaskResult.Failed, "worker_died"));
        worker.Model.Steps.ShouldBe(0);
    }

    [Fact]
    public async Task What_one_worker_remembers_and_Redis_has_lost_is_there_again_for_others()
    {
        var (encoder, denoiser) = (await _cluster.StartWorkerAsync(), await _cluster.StartWorkerAsync());
        var job = await _cluster.OpenJobAsync();
        var encoded = await encoder.RunAsync<EncodeOutput>(TestCluster.Encode(job));
        foreach (var key in encoded.Contexts.Append(encoded.Text).Append(encoded.Pooled))
        {
            await denoiser.Get<SharedTensors>().RemoveAsync(key!, TestCluster.Token);
        }
        var denoise = TestCluster.Denoise(job, encoded);
        (await denoiser.RunAsync(denoise)).Result.ShouldBe(TaskResult.InputsMissing);
        await encoder.RunAsync<EncodeOutput>(TestCluster.Encode(job, run: 2));
        (await denoiser.RunAsync(denoise with { Run = 2 })).Result.ShouldBe(TaskResult.Succeeded);
    }

    [Fact]
    public async Task Work_past_its_deadline_stops_at_a_step()
    {
        var worker = await _cluster.StartWorkerAsync();
        var deadline = DateTimeOffset.UtcNow.AddSeconds(3);
        var (_, task) = await DenoiseAsync(worker, deadline);
        worker.Model.BeforeStep = step =>
        {
            while (step == 4 && DateTimeOffset.UtcNow < deadline)
            {
                Thread.Sleep(20);
            }
        };
        await worker.SendAsync(task);
        var report = await _cluster.Reports.NextAsync(task);
        (report.Result, report.Fault?.Code).ShouldBe((TaskResult.Failed, "deadline_exceeded"));
        worker.Model.Steps.ShouldBe(4);
    }

    private async Task<(JobRecord Job, StageTask Task)> DenoiseAsync(WorkerHost worker, DateTimeOffset? deadline = null)
    {
        var job = await _cluster.OpenJobAsync(steps: Steps, deadline: deadline);
        return (job, TestCluster.Denoise(job, await worker.RunAsync<EncodeOutput>(TestCluster.Encode(job))));
    }

    private async Task<Checkpoint?> CheckpointAsync(JobRecord job, StageTask task) =>
        (await _cluster.Claims.ReadAsync(job.Spec.Id, CancellationToken.None))[task.Task].Checkpoint;

    private async Task ShouldBeUndisturbedAsync(WorkerHost worker, JobRecord job, TaskReport report)
    {
        report.Result.ShouldBe(TaskResult.Succeeded, report.Fault?.Message);
        var made = await worker.ReadLatentsAsync(report.Output.ShouldBeOfType<DenoiseOutput>());
        made.ShouldBe(model.Make(model.Edit(job.Spec.Prompt, Steps, job.Spec.Seed)).Latents.Tokens);
    }
}
