using System.Diagnostics;
using Kontext.Storage.Embedded;
using Kontext.Storage.Jobs;
using Kontext.Storage.Redis;
using Kontext.Storage.Tensors;
using Kontext.Storage.Tests.Jobs;
using Kontext.Storage.Tests.Tensors;
using StackExchange.Redis;

namespace Kontext.Storage.Tests.Embedded;

public sealed class EmbeddedRedisTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Records are read long after more was written than memory holds: what does not fit went to files.</summary>
    [Fact]
    public async Task No_record_is_lost_however_much_is_written()
    {
        var folder = Directory.CreateTempSubdirectory("kontext-garnet-").FullName;
        using (var server = EmbeddedRedis.ForRecords(folder))
        {
            await using var redis = new RedisConnection(server.ConnectionString, "embedded");
            var records = new JobRecords(redis, TimeProvider.System);
            var epoch = await records.OpenTermAsync(Token);
            await records.SaveAsync(epoch, SomeJobs.Record("old"), 0, Token);
            await records.SaveAsync(epoch, SomeJobs.Record("older"), 0, Token);
            // Some 300 MB, each record longer than its last, so that none is overwritten where it lies.
            var busy = SomeJobs.Record("busy");
            for (var i = 0; i < 3000; i++)
            {
                busy = busy with { Version = i + 1, Fault = new("internal", new string('x', 100_000 + i)) };
                (await records.SaveAsync(epoch, busy, 0, Token)).ShouldBe(SaveResult.Saved);
            }
            (await records.ReadOpenAsync(Token))
                .Select(record => record.Spec.Id)
                .ShouldBe(["old", "older", "busy"], true);
            (await records.SaveAsync(epoch, SomeJobs.Next(SomeJobs.Record("old")), 0, Token)).ShouldBe(
                SaveResult.Saved
            );
        }
        Directory.Exists(folder).ShouldBeFalse();
    }

    /// <summary>Tensors that do not fit are forgotten, and this process does not grow without bound.</summary>
    [Fact]
    public async Task Tensors_are_forgotten_when_there_is_no_room()
    {
        using var server = EmbeddedRedis.ForTensors();
        await using var redis = new RedisConnection(server.ConnectionString, "embedded");
        var cache = new RedisTensorCache(redis);
        var tensor = SomeTensors.Of(8 << 20);
        for (var i = 0; i < 400; i++)
        {
            await cache.PutAsync($"tensor{i}", tensor, "sha256:1", TimeSpan.FromHours(1), Token);
            SomeTensors.AreEqual(await cache.GetAsync($"tensor{i}", Token), tensor).ShouldBeTrue();
        }
        (await cache.GetAsync("tensor0", Token)).ShouldBeNull();
        using var process = Process.GetCurrentProcess();
        process.WorkingSet64.ShouldBeLessThan(3L << 30);
        TestContext.Current.TestOutputHelper?.WriteLine($"{process.WorkingSet64 >> 20} MiB after 3200 MiB of tensors");
    }

    [Fact]
    public async Task It_is_closed_to_whoever_does_not_know_its_password()
    {
        using var server = EmbeddedRedis.ForTensors();
        var address = server.ConnectionString.Split(',')[0];
        address.ShouldStartWith("127.0.0.1:");
        await Should.ThrowAsync<RedisException>(async () =>
        {
            await using var stranger = await ConnectionMultiplexer.ConnectAsync(address);
            await stranger.GetDatabase().StringGetAsync("key");
        });
    }
}
