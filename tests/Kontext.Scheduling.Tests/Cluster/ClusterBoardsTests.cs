using Kontext.Contracts.Cluster;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Scheduling.Cluster;

namespace Kontext.Scheduling.Tests.Cluster;

public sealed class ClusterBoardsTests
{
    private static readonly DateTimeOffset Now = Given.Start;

    [Fact]
    public void Nothing_is_shown_of_nothing()
    {
        var board = ClusterBoards.Of(7, [], new Dictionary<string, double>(), Now);
        (board.Epoch, board.At, board.Lanes.Count, board.Tenants.Count).ShouldBe((7, Now, 0, 0));
    }

    [Fact]
    public void Tasks_are_counted_in_the_pool_of_their_model_stage_and_size()
    {
        var board = Of(
            Job("a", Waiting(3), Blocked, Blocked),
            Job("b", Waiting(5), Blocked, Blocked),
            Job("c", Done, Released, Blocked),
            Job("d", Done, Done, Waiting(0))
        );
        board
            .Lanes.Select(lane => (lane.Stage, lane.Size, lane.Waiting, lane.Released, lane.OldestWaitMs))
            .ShouldBe([
                (Stage.Encode, SizeClass.S, 2, 0, 5000),
                (Stage.Denoise, SizeClass.S, 0, 1, 0),
                (Stage.Decode, SizeClass.S, 1, 0, 0),
            ]);
    }

    [Fact]
    public void A_tenant_waits_until_something_of_it_has_begun()
    {
        var board = Of(
            Job("a", Waiting(1), Blocked, Blocked),
            Job("b", Released, Blocked, Blocked),
            Job("c", Done, Waiting(1), Blocked),
            Job("d", Waiting(1), Blocked, Blocked, tenant: "other"),
            Job("e", Waiting(1), Blocked, Blocked) with
            {
                Phase = JobPhase.Finishing,
            }
        );
        board.Tenants.ShouldBe([new TenantStanding("default", 1, 3), new("other", 1, 0)]);
    }

    [Fact]
    public void Who_has_had_devices_lately_is_shown_though_it_has_no_job_any_more()
    {
        var shares = new Dictionary<string, double> { ["gone"] = 0.25, ["default"] = 0.75 };
        ClusterBoards
            .Of(1, [Job("a", Waiting(1), Blocked, Blocked), Job("b", Waiting(1), Blocked, Blocked, "new")], shares, Now)
            .Tenants.ShouldBe([new TenantStanding("default", 1, 0, 0.75), new("gone", 0, 0, 0.25), new("new", 1, 0)]);
    }

    [Fact]
    public void What_runs_of_a_job_whose_outcome_is_decided_is_nobodys_business_any_more()
    {
        var finishing = Job("a", Done, Released, Blocked) with { Phase = JobPhase.Finishing };
        Of(finishing).Lanes.ShouldBeEmpty();
        var ended = finishing with { Phase = JobPhase.Ended };
        Of(ended).Tenants.ShouldBeEmpty();
    }

    private static readonly TaskState Blocked = new();
    private static readonly TaskState Released = new() { Phase = TaskPhase.Released };
    private static readonly TaskState Done = new() { Phase = TaskPhase.Done };

    private static TaskState Waiting(int seconds) =>
        new() { Phase = TaskPhase.Waiting, WaitingSince = Now.AddSeconds(-seconds) };

    private static ClusterBoard Of(params JobRecord[] jobs) =>
        ClusterBoards.Of(1, jobs, new Dictionary<string, double>(), Now);

    private static JobRecord Job(
        string id,
        TaskState encode,
        TaskState denoise,
        TaskState decode,
        string tenant = "default"
    ) =>
        new()
        {
            Spec = Given.Spec(id) with { Tenant = tenant, Contexts = [], Width = 64, Height = 64 },
            Encode = encode,
            Samples = [new(denoise, decode)],
        };
}
