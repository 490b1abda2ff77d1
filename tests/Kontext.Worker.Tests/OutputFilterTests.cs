using Kontext.Contracts.Tasks;
using Kontext.Outbound.Filters;
using Kontext.Servers;
using Kontext.Worker.Devices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Kontext.Worker.Tests;

/// <summary>What a filter refuses, or cannot decide on, is stored nowhere.</summary>
public sealed class OutputFilterTests(TinyModel model) : IClassFixture<TinyModel>
{
    [Fact]
    public async Task A_picture_is_stored_once_the_filter_has_seen_the_very_file()
    {
        await using var hook = await FilterServer.StartAsync();
        await using var cluster = new TestCluster(model);
        var (worker, decode) = await DecodeAsync(cluster, hook);
        var output = await worker.RunAsync<DecodeOutput>(decode);
        var asked = hook.Asked.ShouldHaveSingleItem().Body;
        (Text("kind"), Text("tenant"), Text("job"), Text("media_type")).ShouldBe(
            ("output", decode.Tenant, decode.Job, "image/png")
        );
        asked
            .GetProperty("image")
            .GetBytesFromBase64()
            .ShouldBe(await cluster.Objects.ReadAsync(output.Image, TestCluster.Token));

        string? Text(string name) => asked.GetProperty(name).GetString();
    }

    [Fact]
    public async Task A_refused_picture_fails_its_task_and_exists_nowhere()
    {
        await using var hook = await FilterServer.StartAsync();
        hook.Answer = FilterServer.Refuse;
        await using var cluster = new TestCluster(model);
        var (worker, decode) = await DecodeAsync(cluster, hook);
        var report = await worker.RunAsync(decode);
        report.Result.ShouldBe(TaskResult.Failed);
        (report.Fault!.Code, report.Fault.Message).ShouldBe(
            ("content_moderated", "The picture that was made was refused: violence.")
        );
        (await OutputsAsync(cluster)).ShouldBe(0);
    }

    [Fact]
    public async Task While_the_filter_is_down_nothing_is_stored_and_another_run_is_asked_about_again()
    {
        await using var hook = await FilterServer.StartAsync();
        hook.Answer = null;
        await using var cluster = new TestCluster(model);
        var (worker, decode) = await DecodeAsync(cluster, hook);
        (await worker.RunAsync(decode)).Fault!.Code.ShouldBe("service_unavailable");
        (await OutputsAsync(cluster)).ShouldBe(0);
        worker.Get<DeviceHealth>().Sick.IsCompleted.ShouldBeFalse();
        hook.Answer = FilterServer.Allow;
        await worker.RunAsync<DecodeOutput>(decode with { Run = 2 });
        (await OutputsAsync(cluster)).ShouldBe(2, "the picture and its latents");
    }

    private static async Task<(WorkerHost Worker, StageTask Decode)> DecodeAsync(TestCluster cluster, FilterServer hook)
    {
        var options = new FilterOptions { Output = new() { Url = new(hook.Url) } };
        var worker = await cluster.StartWorkerAsync(register: services =>
            services.AddSingleton(Options.Create(options))
        );
        var job = await cluster.OpenJobAsync(steps: 2);
        var encoded = await worker.RunAsync<EncodeOutput>(TestCluster.Encode(job));
        var denoised = await worker.RunAsync<DenoiseOutput>(TestCluster.Denoise(job, encoded));
        return (worker, TestCluster.Decode(job, denoised));
    }

    private static async Task<int> OutputsAsync(TestCluster cluster) =>
        await cluster.Objects.ListAsync("outputs/", TestCluster.Token).CountAsync(TestCluster.Token);
}
