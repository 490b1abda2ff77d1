using Kontext.Contracts;
using Kontext.Contracts.Tasks;
using Kontext.Servers;
using Kontext.Storage.Jobs;
using Kontext.Storage.Redis;
using Kontext.Storage.Signals;
using Kontext.Storage.Tenants;
using Kontext.Storage.Tensors;
using Kontext.Storage.Tests.Jobs;
using Kontext.Storage.Tests.Tensors;
using Kontext.Storage.Workers;

namespace Kontext.Storage.Tests.Redis;

/// <summary>A Redis that goes away in every way it can, and comes back.</summary>
public sealed class RedisConnectionTests(OnRedis server) : IClassFixture<OnRedis>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_that_is_gone_is_named_by_every_part_and_used_again_when_it_is_back()
    {
        await using var proxy = new TcpProxy(server.Server.Port);
        await using var redis = Connect(proxy);
        var records = new JobRecords(redis, TimeProvider.System);
        var claims = new Claims(redis, Claims.Lease);
        var workers = new WorkerDirectory(redis);
        var signals = new JobSignals(redis);
        var tensors = new SharedTensors(redis, TimeProvider.System, new(new MeterReadings()));
        var epoch = await records.OpenTermAsync(Token);
        var record = SomeJobs.Record("gone");
        await records.SaveAsync(epoch, record, 0, Token);

        proxy.Refuse();
        Func<Task>[] all =
        [
            () => records.OpenTermAsync(Token),
            () => records.SaveAsync(epoch, SomeJobs.Next(record), 0, Token),
            () => records.ReadAsync("gone", Token),
            () => records.ReadOpenAsync(Token),
            () => records.ReserveAsync(new("other", "acme", 10), Token),
            () => claims.ClaimAsync(SomeJobs.Task("gone", TaskId.Encode), "d", false, "w", Token),
            () => claims.BeatAsync([new("gone", TaskId.Encode, 1, 0)], Token),
            () => claims.FinishAsync(SomeJobs.Report("gone", TaskId.Encode, 1), Token),
            () => workers.ReadAsync(Token),
            () => tensors.GetAsync("key", Token),
            () => tensors.PutAsync("key", SomeTensors.Of(10), "sha256:1", Token),
        ];
        var errors = await Task.WhenAll(all.Select(ask => Should.ThrowAsync<KontextException>(ask)));
        foreach (var error in errors)
        {
            error.Code.ShouldBe(ErrorCode.ServiceUnavailable);
            error.Message.ShouldContain($"127.0.0.1:{proxy.Port} (ConnectionStrings:Redis)");
        }
        // Progress is told or not: nobody's work stops for it.
        await signals.PublishAsync(new("gone", TaskId.Encode, 1, 8));

        proxy.Resume();
        (await AgainAsync(() => records.ReadAsync("gone", Token)))!.Version.ShouldBe(1);
        (await records.SaveAsync(epoch, SomeJobs.Next(record), 0, Token)).ShouldBe(SaveResult.Saved);
    }

    [Fact]
    public async Task A_connection_that_breaks_is_made_again()
    {
        await using var proxy = new TcpProxy(server.Server.Port);
        await using var redis = Connect(proxy);
        var records = new JobRecords(redis, TimeProvider.System);
        for (var i = 0; i < 5; i++)
        {
            await AgainAsync(() => records.OpenTermAsync(Token));
            proxy.Cut();
        }
    }

    [Fact]
    public async Task A_server_that_is_silent_is_not_waited_for_forever()
    {
        await using var proxy = new TcpProxy(server.Server.Port);
        await using var redis = new RedisConnection(
            $"127.0.0.1:{proxy.Port},asyncTimeout=300",
            "ConnectionStrings:Redis"
        );
        var records = new JobRecords(redis, TimeProvider.System);
        await records.OpenTermAsync(Token);
        proxy.Stall();
        var error = await Should.ThrowAsync<KontextException>(() => records.OpenTermAsync(Token));
        error.Code.ShouldBe(ErrorCode.ServiceUnavailable);
        error.Message.ShouldContain("in time");
        proxy.Resume();
        await AgainAsync(() => records.OpenTermAsync(Token));
    }

    [Fact]
    public async Task A_save_whose_answer_was_cut_off_can_be_made_again()
    {
        await using var proxy = new TcpProxy(server.Server.Port);
        await using var redis = Connect(proxy);
        var records = new JobRecords(redis, TimeProvider.System);
        var epoch = await records.OpenTermAsync(Token);
        var record = SomeJobs.Record("cut");
        for (var i = 0; i < 10; i++)
        {
            var save = records.SaveAsync(epoch, record, 1, Token);
            proxy.Cut();
            try
            {
                await save;
            }
            catch (KontextException error) when (error.Code == ErrorCode.ServiceUnavailable)
            {
                // Saved or not: whoever asked does not know.
            }
            (await AgainAsync(() => records.SaveAsync(epoch, record, 1, Token))).ShouldBe(SaveResult.Saved);
            record = SomeJobs.Next(record);
        }
        var today = DateOnly.FromDateTime(DateTime.UtcNow);
        (await new TenantUsage(redis).ReadAsync("acme", today, today, Token)).Single().DeviceMs.ShouldBe(10);
    }

    [Fact]
    public async Task A_server_that_was_started_anew_is_sent_the_scripts_again()
    {
        await using var own = await RedisServer.StartNewAsync();
        await using var redis = new RedisConnection(own.ConnectionString, "ConnectionStrings:Redis");
        var records = new JobRecords(redis, TimeProvider.System);
        var first = await records.OpenTermAsync(Token);
        await own.WipeAndRestartAsync();
        (await AgainAsync(() => records.OpenTermAsync(Token))).ShouldBeGreaterThan(first);
    }

    [Fact]
    public async Task A_subscription_outlives_a_broken_connection()
    {
        await using var proxy = new TcpProxy(server.Server.Port);
        await using var listener = Connect(proxy);
        var records = new JobRecords(server.Redis, TimeProvider.System);
        var epoch = await records.OpenTermAsync(Token);
        await using var subscription = await new JobSignals(listener).SubscribeAsync("heard", Token);
        proxy.Cut();
        var record = SomeJobs.Record("heard");
        // What is said while it is broken is missed, what is said later is heard.
        do
        {
            (await records.SaveAsync(epoch, record, 0, Token)).ShouldBe(SaveResult.Saved);
            record = SomeJobs.Next(record);
            await Task.Yield();
        } while (!subscription.Signals.TryRead(out _));
    }

    [Fact]
    public async Task A_caller_that_gives_up_is_let_go_at_once()
    {
        await using var proxy = new TcpProxy(server.Server.Port);
        await using var redis = Connect(proxy);
        var records = new JobRecords(redis, TimeProvider.System);
        await records.OpenTermAsync(Token);
        proxy.Stall();
        using var stop = new CancellationTokenSource();
        var waiting = records.OpenTermAsync(stop.Token);
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => waiting);
    }

    [Theory]
    [InlineData("")]
    [InlineData(",")]
    [InlineData("password=x")]
    public void A_connection_string_without_a_server_is_refused(string text) =>
        Should
            .Throw<KontextException>(() => new RedisConnection(text, "ConnectionStrings:Redis"))
            .Code.ShouldBe(ErrorCode.ConfigurationInvalid);

    private static RedisConnection Connect(TcpProxy proxy) => new($"127.0.0.1:{proxy.Port}", "ConnectionStrings:Redis");

    /// <summary>Asks until there is an answer, as callers do that were told that a server does not answer.</summary>
    private static async Task<T> AgainAsync<T>(Func<Task<T>> ask)
    {
        while (true)
        {
            Token.ThrowIfCancellationRequested();
            try
            {
                return await ask();
            }
            catch (KontextException error) when (error.Code == ErrorCode.ServiceUnavailable)
            {
                await Task.Yield();
            }
        }
    }
}
