using System.Text.Json;
using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Gateway.Jobs.Lists;
using Kontext.Storage.Jobs;

namespace Kontext.Gateway.Tests.Http;

/// <summary>Each test has a gateway of its own, for a list shows all jobs.</summary>
public sealed class JobListTests : IAsyncLifetime
{
    private const TaskPhase Done = TaskPhase.Done;

    private GatewayHost Host { get; set; } = null!;

    private static CancellationToken Token => GatewayHost.Token;

    public async ValueTask InitializeAsync() => Host = await GatewayHost.StartAsync(serving: false);

    public ValueTask DisposeAsync() => Host.DisposeAsync();

    [Fact]
    public async Task Jobs_are_listed_newest_first_and_each_once_whatever_comes_and_goes_between()
    {
        var records = new List<JobRecord>();
        for (var i = 0; i < 9; i++)
        {
            // Three of each second: ids decide within one.
            records.Add(await SaveAsync(Id(i), second: i / 3));
        }
        var (jobs, cursor) = await ListAsync("limit=4");
        jobs.ShouldBe([Id(8), Id(7), Id(6), Id(5)]);

        await SaveAsync(Id(9), second: 4);
        await Host.Get<JobPurge>().PurgeAsync(records[5], Token);
        await Host.Get<JobPurge>().PurgeAsync(records[3], Token);
        (jobs, cursor) = await ListAsync($"limit=4&cursor={cursor}");
        jobs.ShouldBe([Id(4), Id(2), Id(1), Id(0)]);
        if (cursor is not null)
        {
            (jobs, cursor) = await ListAsync($"limit=4&cursor={cursor}");
            jobs.ShouldBeEmpty();
        }
        cursor.ShouldBeNull();
        (await ListAsync("")).Jobs[0].ShouldBe(Id(9));
    }

    [Fact]
    public async Task Lists_are_filtered()
    {
        await SaveAsync(Id(0), second: 0, outcome: JobOutcome.Failed);
        await SaveAsync(Id(1), second: 1, model: "other");
        await SaveAsync(Id(2), second: 2, parent: Id(0));
        await Host.SaveAsync(SampleJobs.Record(Spec(Id(3), 3), Done, TaskPhase.Released, TaskPhase.Blocked));
        (await ListAsync("status=succeeded")).Jobs.ShouldBe([Id(2), Id(1)]);
        (await ListAsync("status=failed")).Jobs.ShouldBe([Id(0)]);
        (await ListAsync("status=denoising")).Jobs.ShouldBe([Id(3)]);
        (await ListAsync("status=cancelled")).Jobs.ShouldBeEmpty();
        (await ListAsync("model=other")).Jobs.ShouldBe([Id(1)]);
        (await ListAsync($"session={Id(0)}")).Jobs.ShouldBe([Id(2), Id(0)]);
        var after = Uri.EscapeDataString(SampleJobs.Start.AddSeconds(1).ToString("O"));
        (await ListAsync($"created_after={after}")).Jobs.ShouldBe([Id(3), Id(2)]);
        (await ListAsync($"created_after={after}&status=succeeded&limit=1")).Jobs.ShouldBe([Id(2)]);
    }

    [Fact]
    public async Task A_tenant_sees_its_own_jobs_and_no_others()
    {
        await SaveAsync(Id(0), second: 0);
        await SaveAsync(Id(1), second: 1, tenant: "other");
        var (jobs, _) = await ListAsync("");
        jobs.ShouldBe([Id(0)]);
        (await ListAsync($"session={Id(1)}")).Jobs.ShouldBeEmpty();
        // A place in another's list tells nothing of what is there.
        var cursor = JobCursor.Of(new(SampleJobs.Start.AddSeconds(1).ToUnixTimeMilliseconds(), Id(1)));
        (await ListAsync($"cursor={cursor}")).Jobs.ShouldBe([Id(0)]);
    }

    [Fact]
    public async Task A_filter_that_few_jobs_pass_is_answered_in_parts()
    {
        var last = JobList.MostLookedAt + 30;
        await Host.EpochAsync();
        await Parallel.ForAsync(
            0,
            last + 1,
            Token,
            async (i, _) => await SaveAsync(Id(i), second: i, model: i == 0 ? "rare" : "tiny")
        );
        var (jobs, cursor) = await ListAsync("model=rare");
        jobs.ShouldBeEmpty();
        (jobs, cursor) = await ListAsync($"model=rare&cursor={cursor.ShouldNotBeNull()}");
        jobs.ShouldBe([Id(0)]);
        cursor.ShouldBeNull();
    }

    [Theory]
    [InlineData("status=done")]
    [InlineData("status=Queued")]
    [InlineData("status=")]
    [InlineData("limit=0")]
    [InlineData("limit=101")]
    [InlineData("limit=-1")]
    [InlineData("limit=x")]
    [InlineData("limit=1&limit=2")]
    [InlineData("created_after=yesterday")]
    [InlineData("cursor=x")]
    [InlineData("cursor=%00")]
    [InlineData("cursor=MTp4")]
    [InlineData("colour=red")]
    public async Task A_query_that_is_not_understood_is_refused(string query) =>
        await Host.Client.GetAsync($"/v1/jobs?{query}", Token).ShouldBeProblemAsync(ErrorCode.RequestInvalid);

    private static string Id(int number) => $"{number:x32}";

    private static JobSpec Spec(string id, int second, string tenant = "default", string model = "tiny") =>
        SampleJobs.Spec(id, tenant: tenant, model: new(model, "sha256:0123456789abcdef")) with
        {
            AcceptedAt = SampleJobs.Start.AddSeconds(second),
        };

    private async Task<JobRecord> SaveAsync(
        string id,
        int second,
        string tenant = "default",
        string model = "tiny",
        string? parent = null,
        JobOutcome outcome = JobOutcome.Succeeded
    )
    {
        var spec = Spec(id, second, tenant, model) with { Parent = parent, Session = parent };
        return await Host.SaveAsync(SampleJobs.Record(spec, Done, Done, Done).End(outcome));
    }

    private async Task<(string[] Jobs, string? Cursor)> ListAsync(string query)
    {
        var list = await Host.Client.GetAsync($"/v1/jobs?{query}", Token).ShouldBeJobAsync(200);
        return (
            [.. list.GetProperty("jobs").EnumerateArray().Select(Answers.Id)],
            list.TryGetProperty("next_cursor", out var cursor) ? cursor.GetString() : null
        );
    }
}
