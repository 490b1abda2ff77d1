using Kontext.Contracts.Cluster;
using Kontext.Contracts.Tasks;
using Kontext.Storage.Cluster;
using Kontext.Storage.Tests.Jobs;

namespace Kontext.Storage.Tests.Cluster;

public sealed class ClusterBoardStoreTests(OnRedis server) : IClassFixture<OnRedis>
{
    private readonly ClusterBoardStore _boards = new(server.Redis);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_last_board_is_read_and_one_of_another_version_is_none()
    {
        (await _boards.ReadAsync(Token)).ShouldBeNull();
        await _boards.WriteAsync(Board(1), Token);
        await _boards.WriteAsync(Board(2), Token);
        var board = (await _boards.ReadAsync(Token)).ShouldNotBeNull();
        board.Epoch.ShouldBe(2);
        board.Lanes.ShouldBe(Board(2).Lanes);
        board.Tenants.ShouldBe(Board(2).Tenants);
        await _boards.WriteAsync(Board(3) with { V = 2 }, Token);
        (await _boards.ReadAsync(Token)).ShouldBeNull();
    }

    private static ClusterBoard Board(long epoch) =>
        new()
        {
            Epoch = epoch,
            At = SomeJobs.Noon,
            Lanes = [new(SomeJobs.Spec("a").Model, Stage.Denoise, SizeClass.M, 3, 1, 250)],
            Tenants = [new("acme", 3, 1)],
        };
}
