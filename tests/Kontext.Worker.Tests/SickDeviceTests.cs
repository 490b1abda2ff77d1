using Kontext.Contracts;
using Kontext.Contracts.Tasks;
using Kontext.Storage.Workers;

namespace Kontext.Worker.Tests;

public sealed class SickDeviceTests(TinyModel model) : IClassFixture<TinyModel>
{
    [Fact]
    public async Task One_out_of_memory_fails_its_task_alone()
    {
        await using var cluster = new TestCluster(model);
        var worker = await cluster.StartWorkerAsync();
        worker.Model.BeforeTurn = () => throw new KontextException(ErrorCode.OutOfMemory, "too large");
        var report = await worker.RunAsync(TestCluster.Encode(await cluster.OpenJobAsync("one")));
        (report.Result, report.Fault?.Code).ShouldBe((TaskResult.Failed, "out_of_memory"));
        worker.Model.BeforeTurn = () => { };
        await worker.RunAsync<EncodeOutput>(TestCluster.Encode(await cluster.OpenJobAsync("two")));
        worker.IsReady.ShouldBeTrue();
    }

    [Fact]
    public async Task A_device_that_fails_again_and_again_takes_its_worker_out()
    {
        await using var cluster = new TestCluster(model);
        var worker = await cluster.StartWorkerAsync(options => options with { MaxDeviceFailures = 3 });
        worker.Model.BeforeTurn = () => throw new KontextException(ErrorCode.DeviceFailed, "it fell off the bus");
        for (var i = 0; i < 3; i++)
        {
            worker.IsReady.ShouldBeTrue();
            var report = await worker.RunAsync(TestCluster.Encode(await cluster.OpenJobAsync($"failing {i}")));
            (report.Result, report.Fault?.Code).ShouldBe((TaskResult.Failed, "device_failed"));
        }
        await Eventually.TrueAsync(() => !worker.IsReady);
        worker.IsLive.ShouldBeTrue();
        await Eventually.TrueAsync(async () =>
            (await worker.Get<WorkerDirectory>().ReadAsync(TestCluster.Token)).Any(profile =>
                profile.Id == worker.Options.Id && !profile.Accepting
            )
        );
    }

    [Fact]
    public async Task What_a_sick_worker_holds_is_given_back_and_the_rest_stays_in_its_lane()
    {
        await using var cluster = new TestCluster(model);
        var worker = await cluster.StartWorkerAsync(options => options with { MaxDeviceFailures = 1 });
        var job = await cluster.OpenJobAsync("fine", steps: 400);
        var denoise = TestCluster.Denoise(job, await worker.RunAsync<EncodeOutput>(TestCluster.Encode(job)));
        using var hold = new Hold(worker.Model, atStep: 3);
        await worker.SendAsync(denoise);
        await hold.ReachedAsync();
        worker.Model.BeforeTurn = () => throw new KontextException(ErrorCode.DeviceUnavailable, "gone");
        var failing = TestCluster.Encode(await cluster.OpenJobAsync("failing"));
        await worker.SendAsync(failing);
        // Between two steps the other task, which is one turn, has its own.
        hold.Release();
        (await cluster.Reports.NextAsync(failing)).Fault?.Code.ShouldBe("device_unavailable");
        (await cluster.Reports.NextAsync(denoise)).Result.ShouldBe(TaskResult.GivenBack);
        await Eventually.TrueAsync(() => !worker.IsReady);

        var after = TestCluster.Encode(await cluster.OpenJobAsync("after"));
        await worker.SendAsync(after);
        await worker.StopAsync();
        (await cluster.Claims.ReadAsync(after.Job, TestCluster.Token)).ShouldBeEmpty();
    }
}
