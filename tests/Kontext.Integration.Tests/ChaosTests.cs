using Kontext.Contracts;
using Kontext.Servers;

namespace Kontext.Integration.Tests;

/// <summary>
/// Nothing accepted is lost, whatever dies. A short profile runs always; with <c>./test.sh --long</c> two hundred jobs go through
/// sixty kills.
/// </summary>
public sealed class ChaosTests(ITestOutputHelper output)
{
    private const int Seed = 20260102;

    /// <summary>Enough that kills meet samples half-way: about half a second with kontext-tiny.</summary>
    private const int Steps = 200;

    private const int CheckpointSteps = 20;

    private static readonly bool IsLong = Environment.GetEnvironmentVariable("KONTEXT_TEST_LONG") == "1";
    private static readonly TimeSpan BetweenKills = TimeSpan.FromSeconds(IsLong ? 4 : 2);

    /// <summary>Between submissions: there is always something under way, and never much.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(IsLong ? 1000 : 400);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static int Jobs => IsLong ? 200 : 40;

    [Fact]
    public async Task Processes_of_every_role_are_killed_again_and_again()
    {
        var kills = IsLong ? 60 : 8;
        var random = new Random(Seed);
        await RunAsync(
            "kill -9",
            Jobs,
            async (cluster, chaos, _) =>
            {
                for (var i = 0; i < kills; i++)
                {
                    await Task.Delay(BetweenKills, Token);
                    await chaos.KillAsync(cluster.Processes[random.Next(cluster.Processes.Count)]);
                }
            }
        );
    }

    [Fact]
    public async Task A_process_dies_at_each_commit_point()
    {
        await RunAsync(
            "commit points",
            IsLong ? 100 : 30,
            async (cluster, chaos, _) =>
            {
                foreach (var point in CommitPoint.All)
                {
                    foreach (var process in cluster.Processes.Where(process => PassesAt(process, point)))
                    {
                        await process.StopAsync();
                        process.CrashAt = $"{point}:2";
                        await process.StartAsync();
                    }
                    await UntilDeadAsync(cluster, point);
                    await chaos.ReviveAsync();
                }
                chaos.Deaths.ShouldBeGreaterThanOrEqualTo(CommitPoint.All.Count);
            }
        );
    }

    [Fact]
    public Task Redis_loses_everything_in_mid_run() =>
        RunThroughAsync(
            "redis flushed",
            async (cluster, history) =>
            {
                await cluster.Redis.WipeAndRestartAsync();
                history.Forget();
            }
        );

    [Fact]
    public Task RabbitMq_loses_everything_in_mid_run() =>
        RunThroughAsync("rabbitmq wiped", (cluster, _) => cluster.Rabbit.WipeAndRestartAsync());

    [Fact]
    public Task The_object_store_is_away_for_ten_seconds() =>
        RunThroughAsync(
            "object store away",
            async (cluster, _) =>
            {
                cluster.Objects.Freeze();
                await Task.Delay(TimeSpan.FromSeconds(10), Token);
                cluster.Objects.Thaw();
            }
        );

    /// <summary>Whether a process passes a commit point in its work.</summary>
    private static bool PassesAt(KontextServer process, string point) =>
        point switch
        {
            CommitPoint.Accept => process.Name.StartsWith("gateway", StringComparison.Ordinal),
            CommitPoint.Save or CommitPoint.Effects or CommitPoint.Finish => process.Name.StartsWith(
                "coordinator",
                StringComparison.Ordinal
            ),
            CommitPoint.Checkpoint => process.Name.StartsWith("denoise", StringComparison.Ordinal),
            _ => process.Name is "denoise-1" or "decode-1" or "encode-1",
        };

    private static async Task UntilDeadAsync(Cluster cluster, string point)
    {
        for (var waited = 0; cluster.Processes.All(process => process.IsRunning); waited++)
        {
            waited.ShouldBeLessThan(300, $"Nobody passed '{point}'.");
            await Task.Delay(100, Token);
        }
    }

    /// <summary>Runs jobs through one misfortune that strikes when work is under way.</summary>
    private Task RunThroughAsync(string what, Func<Cluster, SaveHistory, Task> misfortune) =>
        RunAsync(
            what,
            IsLong ? 60 : 20,
            async (cluster, _, history) =>
            {
                await Task.Delay(BetweenKills, Token);
                await misfortune(cluster, history);
            }
        );

    private async Task RunAsync(string what, int jobs, Func<Cluster, Chaos, SaveHistory, Task> breaking)
    {
        using var edits = new TinyEdits(Steps);
        await using var cluster = await Cluster.StartAsync();
        // By steps: a fast machine is done with a sample before a checkpoint is due by time.
        cluster.Environment["Worker__CheckpointSteps"] = $"{CheckpointSteps}";
        await cluster.AddUsualAsync();
        var chaos = new Chaos(cluster, edits, output);
        await chaos.RunAsync(what, jobs, Pause, history => breaking(cluster, chaos, history), Token);
    }
}
