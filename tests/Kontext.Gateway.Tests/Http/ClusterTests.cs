using System.Text.Json;
using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Workers;
using Kontext.Storage.Cluster;
using Kontext.Storage.Jobs;
using Kontext.Storage.Workers;

namespace Kontext.Gateway.Tests.Http;

public sealed class ClusterTests
{
    private static CancellationToken Token => GatewayHost.Token;

    [Fact]
    public async Task The_cluster_is_the_leaders_board_the_live_workers_and_todays_accounts()
    {
        await using var host = await GatewayHost.StartAsync();
        var empty = await GetAsync(host, "/v1/cluster");
        empty.TryGetProperty("board", out _).ShouldBeFalse();
        empty.GetProperty("workers").GetArrayLength().ShouldBe(0);

        await host.Get<ClusterBoardStore>()
            .WriteAsync(
                new()
                {
                    Epoch = 3,
                    At = DateTimeOffset.UtcNow,
                    Lanes = [new(GatewayHost.TinyRef, Stage.Denoise, SizeClass.S, 2, 1, 40)],
                    Tenants = [new("default", 1, 1)],
                },
                Token
            );
        await host.Get<WorkerDirectory>().AnnounceAsync(Worker(), TimeSpan.FromMinutes(1), Token);
        var records = host.Get<JobRecords>();
        var spec = SampleJobs.Spec(Guid.NewGuid().ToString("N"));
        var record = SampleJobs.Record(spec, TaskPhase.Done, TaskPhase.Done, TaskPhase.Waiting);
        await records.SaveAsync(await records.OpenTermAsync(Token), record, chargeMs: 25, Token);

        JsonElement cluster;
        do
        {
            // What is read is kept for half a second.
            await Task.Delay(50, Token);
            cluster = await GetAsync(host, "/v1/cluster");
        } while (cluster.GetProperty("tenants").GetArrayLength() == 0);
        cluster.GetProperty("board").GetProperty("epoch").GetInt64().ShouldBe(3);
        cluster.GetProperty("lanes")[0].GetProperty("waiting").GetInt32().ShouldBe(2);
        cluster.GetProperty("workers")[0].GetProperty("id").GetString().ShouldBe("w");
        cluster.GetProperty("tenants")[0].GetProperty("device_ms_today").GetDouble().ShouldBe(25);
        cluster.GetProperty("tenants")[0].GetProperty("share").GetDouble().ShouldBe(1);
    }

    [Fact]
    public async Task The_timeline_of_a_job_says_who_runs_what()
    {
        await using var host = await GatewayHost.StartAsync();
        var id = Guid.NewGuid().ToString("N");
        await host.Client.GetAsync($"/v1/jobs/{id}/timeline", Token).ShouldBeProblemAsync(ErrorCode.JobNotFound);
        await host.SaveAsync(
            SampleJobs.Record(SampleJobs.Spec(id), TaskPhase.Done, TaskPhase.Released, TaskPhase.Blocked)
        );
        var task = new StageTask
        {
            Job = id,
            Tenant = "default",
            Task = new(Stage.Denoise, 0),
            Run = 1,
            Model = GatewayHost.TinyRef,
            Priority = Priority.Standard,
            Work = new DecodeWork(new("latents"), 64, 64, "png", 1, false),
        };
        (
            await host.Get<Claims>().ClaimAsync(task, "delivery", false, "w", Token)
        ).ShouldBeOfType<ClaimAnswer.Granted>();

        var timeline = await GetAsync(host, $"/v1/jobs/{id}/timeline");
        timeline.GetProperty("status").GetString().ShouldBe("denoising");
        var denoise = timeline.GetProperty("tasks")[1];
        (denoise.GetProperty("state").GetString(), denoise.GetProperty("worker").GetString()).ShouldBe(
            ("running", "w")
        );
        var started = denoise.GetProperty("started_at").GetDateTimeOffset();
        started.ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1));

        await host.SaveAsync(
            SampleJobs.Record(SampleJobs.Spec(id, tenant: "other"), TaskPhase.Done, TaskPhase.Done, TaskPhase.Done) with
            {
                Version = 2,
            }
        );
        await host.Client.GetAsync($"/v1/jobs/{id}/timeline", Token).ShouldBeProblemAsync(ErrorCode.JobNotFound);
    }

    private static async Task<JsonElement> GetAsync(GatewayHost host, string path) =>
        JsonDocument.Parse(await host.Client.GetStringAsync(path, Token)).RootElement;

    private static WorkerProfile Worker() =>
        new()
        {
            Id = "w",
            Host = "here",
            Device = "cpu fp32",
            Models = [GatewayHost.TinyRef],
            Slots = new Dictionary<Stage, int> { [Stage.Denoise] = 4 },
            LargestSize = SizeClass.S,
            StartedAt = SampleJobs.Start,
        };
}
