using System.Text.Json;
using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Servers;
using Kontext.Storage;
using Kontext.Storage.Jobs;
using Kontext.Storage.Objects;
using Kontext.Storage.Tenants;
using Microsoft.Extensions.Logging.Abstractions;

namespace Kontext.Coordinator.Tests;

public sealed class RetentionSweepTests : IAsyncLifetime
{
    private static readonly TimeSpan Month = TimeSpan.FromDays(30);
    private static readonly DateTimeOffset Today = new(2026, 6, 15, 12, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("kontext-retention-").FullName;
    private RedisServer? _redis;
    private Coordinators? _storage;
    private TenantDirectory? _tenants;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IObjectStore Objects => _storage!.Get<IObjectStore>();

    private JobLists Lists => _storage!.Get<JobLists>();

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.StartNewAsync();
        _storage = await Coordinators.StartAsync(_redis, _folder);
        var store = new TenantStore(Objects);
        await store.CreateAsync(
            new()
            {
                Id = "brief",
                Name = "brief",
                WebhookSecret = "",
                CreatedAt = Today,
                Keys = [],
                RetentionDays = 7,
            },
            Token
        );
        _tenants = new(store, TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        _tenants!.Dispose();
        await _storage!.DisposeAsync();
        await _redis!.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task What_ended_long_enough_ago_is_removed_and_nothing_else()
    {
        await EndAsync("a0", accepted: 40, ended: 31);
        // Accepted before the time that is kept, ended within it.
        await EndAsync("a1", accepted: 40, ended: 29);
        await EndAsync("a2", accepted: 20, ended: 20);
        await EndAsync("b0", accepted: 9, ended: 8, tenant: "brief");
        await EndAsync("b1", accepted: 7, ended: 6, tenant: "brief");
        // Still open: accepted long ago, not decided.
        var open = Spec("a3", 50, "default");
        await PutAsync(ObjectNames.Pending("a3"), JsonSerializer.SerializeToUtf8Bytes(open, WireJson.Default.JobSpec));
        await Lists.AddAsync(open, Token);
        // Listed, but nowhere else: what a purge that was cut off leaves.
        await Lists.AddAsync(Spec("a4", 50, "default"), Token);

        await Sweep(Month).PassAsync(Token);

        (await IdsAsync("default")).ShouldBe(["a1", "a2", "a3"]);
        (await IdsAsync("brief")).ShouldBe(["b1"]);
        foreach (var (id, stays) in new[] { ("a0", false), ("a1", true), ("b0", false), ("b1", true) })
        {
            (await Objects.ExistsAsync(ObjectNames.Job(id), Token)).ShouldBe(stays, id);
            (await Objects.ExistsAsync(ObjectNames.Image(id, 0, 1, "png"), Token)).ShouldBe(stays, id);
        }
        (await Objects.ExistsAsync(ObjectNames.Pending("a3"), Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task What_has_no_time_is_kept_for_ever()
    {
        await EndAsync("f0", accepted: 4000, ended: 4000);
        await EndAsync("b0", accepted: 9, ended: 8, tenant: "brief");
        await Sweep(usual: null).PassAsync(Token);
        (await IdsAsync("default")).ShouldBe(["f0"]);
        (await IdsAsync("brief")).ShouldBeEmpty();
    }

    [Fact]
    public async Task One_pass_removes_so_much_and_the_next_the_rest()
    {
        const int More = 20;
        await Parallel.ForAsync(
            0,
            RetentionSweep.MostPerPass + More,
            Token,
            async (i, _) => await EndAsync($"{i:d4}", accepted: 40, ended: 31)
        );
        await Sweep(Month).PassAsync(Token);
        (await IdsAsync("default")).Length.ShouldBe(More);
        await Sweep(Month).PassAsync(Token);
        (await IdsAsync("default")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Uploads_are_removed_when_their_last_day_is_over()
    {
        var yesterday = ObjectNames.Upload(new(2026, 6, 14), "a");
        var today = ObjectNames.Upload(new(2026, 6, 15), "a");
        var never = ObjectNames.Upload(DateOnly.MaxValue, "a");
        foreach (var name in new[] { yesterday, today, never, "uploads/strange" })
        {
            await PutAsync(name, new byte[4]);
        }
        await Sweep(Month).PassAsync(Token);
        (await Objects.ListAsync("uploads/", Token).ToListAsync(Token))
            .Order()
            .ShouldBe(new[] { today, never, "uploads/strange" }.Order());
    }

    private RetentionSweep Sweep(TimeSpan? usual) =>
        new(
            Lists,
            _storage!.Get<JobRecords>(),
            _storage.Get<JobPurge>(),
            Objects,
            new Retention(_tenants!, usual),
            new FixedClock(),
            NullLogger<RetentionSweep>.Instance
        );

    private static JobSpec Spec(string id, int daysAgo, string tenant) =>
        Jobs.Spec(id) with
        {
            Tenant = tenant,
            AcceptedAt = Today.AddDays(-daysAgo),
        };

    private async Task EndAsync(string id, int accepted, int ended, string tenant = "default")
    {
        var record = new JobRecord
        {
            Spec = Spec(id, accepted, tenant),
            Version = 9,
            Phase = JobPhase.Ended,
            Outcome = JobOutcome.Succeeded,
            Encode = new(),
            Samples = [],
            FinishedAt = Today.AddDays(-ended),
        };
        await PutAsync(ObjectNames.Job(id), JsonSerializer.SerializeToUtf8Bytes(record, WireJson.Default.JobRecord));
        await PutAsync(ObjectNames.Image(id, 0, 1, "png"), new byte[4]);
        await Lists.AddAsync(record.Spec, Token);
    }

    private Task PutAsync(string name, byte[] content) => Objects.PutAsync(name, content, "x/y", Token);

    private async Task<string[]> IdsAsync(string tenant) =>
        [.. (await Lists.NewestAsync(tenant, null, null, 5000, Token)).Select(place => place.Id).Order()];

    private sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Today;
    }
}
