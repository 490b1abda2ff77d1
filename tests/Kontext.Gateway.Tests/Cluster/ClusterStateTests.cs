using System.Text.Json;
using Kontext.Contracts.Cluster;
using Kontext.Contracts.Costs;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Workers;
using Kontext.Gateway.Cluster;

namespace Kontext.Gateway.Tests.Cluster;

public sealed class ClusterStateTests
{
    private static readonly DateTimeOffset Now = SampleJobs.Start;
    private static readonly ModelRef Tiny = new("tiny", "sha256:0123456789abcdef");
    private static readonly ModelRef Gone = new("gone", "sha256:fedcba9876543210");

    private static readonly ClusterState Busy = new(
        new()
        {
            Epoch = 9,
            At = Now.AddMilliseconds(-400),
            Lanes =
            [
                new(Gone, Stage.Denoise, SizeClass.L, 7, 0, 90_000),
                new(Tiny, Stage.Denoise, SizeClass.S, 3, 2, 1500),
            ],
            Tenants = [new("acme", 2, 1, 0.4), new("idle", 1, 0)],
            EtaError = 0.12,
        },
        [Worker("a", denoise: 4), Worker("b", denoise: 2) with { Accepting = false }],
        new Dictionary<string, double> { ["acme"] = 750, ["gone home"] = 250 },
        []
    );

    [Fact]
    public void A_lane_without_workers_is_shown_as_one()
    {
        var lane = Busy.View(null, Now).Lanes.Single(lane => lane.Model == "gone");
        (lane.Waiting, lane.OldestWaitMs, lane.Workers, lane.Slots).ShouldBe((7, 90_000, 0, 0));
    }

    [Fact]
    public void Lanes_that_workers_take_from_are_shown_empty_too_and_draining_workers_do_not_count()
    {
        var lanes = Busy.View(null, Now).Lanes.Where(lane => lane.Model == "tiny");
        lanes
            .Select(lane => (lane.Stage, lane.Size, lane.Waiting, lane.Released, lane.Workers, lane.Slots))
            .ShouldBe([
                (Stage.Denoise, SizeClass.S, 3, 2, 1, 4),
                (Stage.Denoise, SizeClass.M, 0, 0, 1, 4),
                (Stage.Decode, SizeClass.S, 0, 0, 1, 1),
                (Stage.Decode, SizeClass.M, 0, 0, 1, 1),
            ]);
    }

    [Fact]
    public void A_tenant_has_its_share_of_the_device_time_of_today()
    {
        Busy.View(null, Now)
            .Tenants.ShouldBe([
                new TenantView("acme", 2, 1, 750, 0.75, 0.4),
                new("gone home", 0, 0, 250, 0.25),
                new("idle", 1, 0, 0, 0),
            ]);
        // A share of everybody's time, of which it does not see whose the rest is.
        Busy.View("acme", Now).Tenants.ShouldBe([new TenantView("acme", 2, 1, 750, 0.75, 0.4)]);
        Busy.View("stranger", Now).Tenants.ShouldBeEmpty();
    }

    [Fact]
    public void The_board_says_how_old_it_is_and_is_never_of_the_future()
    {
        Busy.View(null, Now).Board.ShouldBe(new(9, Now.AddMilliseconds(-400), 400, 0.12));
        Busy.View(null, Now.AddSeconds(-60)).Board!.AgeMs.ShouldBe(0);
    }

    [Fact]
    public void Without_a_leader_the_workers_are_seen()
    {
        var view = (Busy with { Board = null }).View(null, Now);
        view.Board.ShouldBeNull();
        view.Workers.Select(worker => worker.Id).ShouldBe(["a", "b"]);
        view.Lanes.ShouldAllBe(lane => lane.Waiting == 0);
    }

    [Fact]
    public void A_worker_is_as_fast_as_its_kind_of_device_has_been_on_the_models_it_has()
    {
        LearnedCost[] costs =
        [
            Cost("cpu fp32", Tiny, Stage.Denoise, 30),
            Cost("cpu fp32", Tiny, Stage.Denoise, 10) with
            {
                Width = 32,
            },
            Cost("cpu fp32", Tiny, Stage.Denoise, 20) with
            {
                Width = 48,
            },
            Cost("cpu fp32", Tiny, Stage.Decode, 1),
            Cost("other", Tiny, Stage.Denoise, 2),
            Cost("cpu fp32", Gone, Stage.Denoise, 3),
        ];
        var stages = (Busy with { Costs = costs }).View(null, Now).Workers[0].Stages;
        stages.Select(stage => (stage.Stage, stage.MsPerStep)).ShouldBe([(Stage.Denoise, 20), (Stage.Decode, null)]);
        Busy.View(null, Now).Workers[0].Stages.ShouldAllBe(stage => stage.MsPerStep == null);

        static LearnedCost Cost(string device, ModelRef model, Stage stage, double ms) =>
            new(device, model.Digest, stage, 64, 64, 1, ms);
    }

    [Fact]
    public void A_worker_shows_what_it_has_learned_the_largest_batches_first_by_the_names_of_its_models()
    {
        var worker = Worker("a", denoise: 4) with
        {
            Batches =
            [
                new(Tiny.Short, "24-16-0", 1),
                new(Tiny.Short, "24-16-16", 4, 812.5),
                new(Gone.Short, "1-1-0", 2),
            ],
        };
        (Busy with { Workers = [worker] })
            .View(null, Now)
            .Workers[0]
            .Batches.ShouldBe([
                new BatchView("tiny", "24-16-16", 4, 812.5),
                new(Gone.Short, "1-1-0", 2),
                new("tiny", "24-16-0", 1),
            ]);
        Busy.View(null, Now).Workers[0].Batches.ShouldBeNull();
    }

    [Fact]
    public void Its_fields_are_those_of_the_interface()
    {
        var json = JsonSerializer.SerializeToElement(Busy.View(null, Now), GatewayJson.Default.ClusterView);
        json.GetProperty("workers")[0]
            .GetRawText()
            .ShouldBe(
                """{"id":"a","host":"here","device":"cpu fp32","memory_bytes":1024,"models":["tiny"],"stages":[{"stage":"denoise","slots":4,"running":3},{"stage":"decode","slots":1,"running":0}],"largest_size":"m","accepting":true,"started_at":"2026-01-02T03:04:05+00:00"}"""
            );
        json.GetProperty("lanes")[0]
            .GetRawText()
            .ShouldBe(
                """{"model":"gone","digest":"sha256:fedcba9876543210","stage":"denoise","size":"l","waiting":7,"released":0,"oldest_wait_ms":90000,"workers":0,"slots":0}"""
            );
        json.GetProperty("board").GetProperty("age_ms").GetDouble().ShouldBe(400);
        json.GetProperty("board").GetProperty("eta_error").GetDouble().ShouldBe(0.12);
        json.GetProperty("tenants")[0].GetProperty("recent_share").GetDouble().ShouldBe(0.4);
        var batch = new BatchView("tiny", "24-16-16", 4, 812.5);
        JsonSerializer
            .Serialize(batch, GatewayJson.Default.BatchView)
            .ShouldBe("""{"model":"tiny","shape":"24-16-16","size":4,"steps_per_second":812.5}""");
        json.GetProperty("tenants")[0].GetProperty("device_ms_today").GetDouble().ShouldBe(750);
    }

    private static WorkerProfile Worker(string id, int denoise) =>
        new()
        {
            Id = id,
            Host = "here",
            Device = "cpu fp32",
            MemoryBytes = 1024,
            Models = [Tiny],
            Slots = new Dictionary<Stage, int> { [Stage.Decode] = 1, [Stage.Denoise] = denoise },
            Running = new Dictionary<Stage, int> { [Stage.Denoise] = 3 },
            LargestSize = SizeClass.M,
            StartedAt = Now,
        };
}
