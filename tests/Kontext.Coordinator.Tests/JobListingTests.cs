using System.Text.Json;
using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Servers;
using Kontext.Storage.Jobs;
using Kontext.Storage.Objects;

namespace Kontext.Coordinator.Tests;

public sealed class JobListingTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kontext-listing-").FullName;
    private RedisServer? _redis;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private RedisServer Redis => _redis!;

    public async ValueTask InitializeAsync() => _redis = await RedisServer.StartNewAsync();

    public async ValueTask DisposeAsync()
    {
        await Redis.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Lists_that_Redis_has_lost_are_put_together_again_from_the_object_store()
    {
        await using (var first = await Coordinators.StartAsync(Redis, _folder))
        {
            await first.AddWorkerAsync(first.DoAsync);
            await first.AcceptAsync(Jobs.Spec("aa"));
            await first.AcceptAsync(Jobs.Spec("bb"));
            await first.EndAsync("aa");
            await first.EndAsync("bb");
            await ListedAsync(first, "aa", "bb");
            // Of a tenant of its own, and one that nobody can read.
            var other = Jobs.Spec("cc") with
            {
                Tenant = "other",
            };
            var objects = first.Get<IObjectStore>();
            var json = JsonSerializer.SerializeToUtf8Bytes(other, WireJson.Default.JobSpec);
            await objects.PutAsync(ObjectNames.Pending("cc"), json, "application/json", Token);
            await objects.PutAsync(ObjectNames.Job("dd"), "{"u8.ToArray(), "application/json", Token);
        }
        await Redis.WipeAndRestartAsync();
        await using var second = await Coordinators.StartAsync(Redis, _folder);
        await second.AcceptAsync(Jobs.Spec("ee"));
        await ListedAsync(second, "aa", "bb", "ee");
        while (!await second.Get<JobLists>().AreWholeAsync(Token))
        {
            await Task.Delay(20, Token);
        }
        var lists = second.Get<JobLists>();
        (await lists.TenantsAsync(Token)).Order().ShouldBe([Jobs.Spec("aa").Tenant, "other"]);
        (await lists.NewestAsync("other", null, null, 9, Token)).Select(place => place.Id).ShouldBe(["cc"]);
    }

    private static async Task ListedAsync(Coordinators coordinator, params string[] ids)
    {
        var tenant = Jobs.Spec("aa").Tenant;
        while (true)
        {
            var listed = await coordinator.Get<JobLists>().NewestAsync(tenant, null, null, 100, Token);
            if (listed.Select(place => place.Id).Order().SequenceEqual(ids))
            {
                return;
            }
            await Task.Delay(20, Token);
        }
    }
}
