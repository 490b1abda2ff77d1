using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Kontext.Servers;
using StackExchange.Redis;

namespace Kontext.Integration.Tests;

/// <summary>
/// Processes are replaced one by one, under load, by a build whose messages and records have fields that the other does not know
/// (docs/messaging.md, "Versions"). No job fails. With <c>./test.sh --long</c> it goes there and back again, in any order.
/// </summary>
public sealed class UpgradeTests(ITestOutputHelper output)
{
    private const int Seed = 20260103;
    private const int Steps = 60;
    private const string AllStages = "encode,denoise,decode";

    private static readonly bool IsLong = Environment.GetEnvironmentVariable("KONTEXT_TEST_LONG") == "1";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Roles_are_replaced_one_by_one_by_the_next_minor_version_and_some_are_taken_back()
    {
        var building = NextBuild.CreateAsync(Token);
        using var edits = new TinyEdits(Steps);
        await using var cluster = await Cluster.StartAsync();
        // The other build lies where no models are.
        cluster.Environment["KONTEXT_MODELS"] = Path.Combine(KontextServer.Repository, "models");
        await AddAsync(cluster);
        using var next = await building;
        var chaos = new Chaos(cluster, edits, output);
        await chaos.RunAsync("rolling upgrade", IsLong ? 200 : 30, Pause, _ => UpgradeAsync(cluster, next), Token);
        await ShouldHaveUnderstoodAsync(cluster);
    }

    private static Task AddAsync(Cluster cluster) =>
        IsLong
            ? cluster.AddUsualAsync()
            : Task.WhenAll(
                cluster.AddAsync("gateway", "--role", "gateway"),
                cluster.AddAsync("coordinator-1", "--role", "coordinator"),
                cluster.AddAsync("coordinator-2", "--role", "coordinator"),
                cluster.AddWorkerAsync("worker-1", AllStages),
                cluster.AddWorkerAsync("worker-2", AllStages)
            );

    private async Task UpgradeAsync(Cluster cluster, NextBuild next)
    {
        await ReplaceAsync(cluster.Processes, next.Executable);
        (await ProfilesAsync(cluster)).ShouldAllBe(profile => profile.Contains(NextBuild.Field));
        // A release that is taken back reads what the next one wrote.
        string[] back = ["coordinator-1", "coordinator-2"];
        await ReplaceAsync(back.Select(name => cluster[name]), KontextServer.Executable);
        if (IsLong)
        {
            var random = new Random(Seed);
            foreach (var program in (string[])[next.Executable, KontextServer.Executable, next.Executable])
            {
                var processes = cluster.Processes.ToArray();
                random.Shuffle(processes);
                await ReplaceAsync(processes, program);
            }
        }
    }

    /// <summary>As an orchestrator does it: each is asked to stop, and the next one's turn comes when its successor is ready.</summary>
    private async Task ReplaceAsync(IEnumerable<KontextServer> processes, string program)
    {
        foreach (var process in processes.Where(process => process.Binary != program))
        {
            var begun = Stopwatch.StartNew();
            (await process.TerminateAsync()).ShouldBe(0, process.Tail);
            process.Binary = program;
            await process.StartAsync();
            while (!await process.IsReadyAsync())
            {
                process.IsRunning.ShouldBeTrue(process.Tail);
                await Task.Delay(BetweenLooks, Token);
            }
            output.WriteLine($"{process.Name} is replaced after {begun.Elapsed.TotalSeconds:0.0} s");
        }
    }

    /// <summary>Both versions have met, and no message was one that somebody could not read.</summary>
    private static async Task ShouldHaveUnderstoodAsync(Cluster cluster)
    {
        using var dead = await cluster.Rabbit.Management.GetAsync("queues/%2F/kontext.dead-letters", Token);
        if (dead.StatusCode != HttpStatusCode.NotFound)
        {
            var queue = await dead.Content.ReadFromJsonAsync<JsonElement>(Token);
            queue.GetProperty("messages").GetInt32().ShouldBe(0);
        }
        var profiles = await ProfilesAsync(cluster);
        profiles.Count(profile => profile.Contains(NextBuild.Field)).ShouldBeInRange(1, profiles.Count);
    }

    private static async Task<IReadOnlyList<string>> ProfilesAsync(Cluster cluster)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(cluster.Redis.ConnectionString);
        var profiles = await redis.GetDatabase().HashValuesAsync("kontext:workers");
        return [.. profiles.Select(profile => profile.ToString())];
    }
}
