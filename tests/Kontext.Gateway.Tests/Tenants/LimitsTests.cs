using System.Net;
using System.Text.Json;
using Kontext.Contracts;
using Kontext.Contracts.Costs;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Flux.Sampling;
using Kontext.Gateway.Tests.Http;
using Kontext.Servers;
using Kontext.Storage.Costs;

namespace Kontext.Gateway.Tests.Tenants;

/// <summary>How much a tenant may have: two gateways count together.</summary>
public sealed class LimitsTests : IAsyncLifetime
{
    private static readonly object Work = new { prompt = "a circle", steps = 4 };

    private static readonly ImageSize Default = GatewayHost.Tiny.Sampling.DefaultSize;

    private RedisServer? _redis;
    private GatewayHost? _first;
    private GatewayHost? _second;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private GatewayHost First => _first!;

    private GatewayHost Second => _second!;

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.StartNewAsync();
        string[] settings = ["ConnectionStrings:Redis", _redis.ConnectionString];
        _first = await GatewayHost.StartAsync(settings);
        _second = await _first.StartBesideAsync(settings);
    }

    public async ValueTask DisposeAsync()
    {
        await Second.DisposeAsync();
        await First.DisposeAsync();
        await _redis!.DisposeAsync();
    }

    [Fact]
    public async Task The_request_after_the_last_is_refused_on_either_gateway_and_told_when_to_come_again()
    {
        const int Limit = 4;
        var key = await First.CreateTenantAsync("acme", tenant => tenant with { RequestsPerMinute = Limit });
        var free = await First.CreateTenantAsync("free");
        for (var i = 1; i <= Limit; i++)
        {
            // Whatever it is answered with, and whoever answers.
            using var answer = await (i % 2 == 0 ? First : Second).SendAsync(
                "GET",
                i == 3 ? "/nowhere" : "/v1/usage",
                key
            );
            answer.StatusCode.ShouldBe(i == 3 ? HttpStatusCode.NotFound : HttpStatusCode.OK);
            Header(answer, "RateLimit-Policy").ShouldBe($"\"default\";q={Limit};w=60");
            Header(answer, "RateLimit").ShouldMatch($"^\"default\";r={Limit - i};t=(1[0-5]|30|29|45|44|60|59)$");
        }
        foreach (var host in (GatewayHost[])[First, Second])
        {
            using var refused = await host.SendAsync("GET", "/v1/usage", key);
            await Task.FromResult(refused).ShouldBeProblemAsync(ErrorCode.RateLimited);
            Header(refused, "RateLimit-Policy").ShouldBe($"\"default\";q={Limit};w=60");
            Header(refused, "RateLimit").ShouldStartWith("\"default\";r=0;t=");
            // One comes back each quarter of a minute.
            refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds.ShouldBeInRange(10, 15);
        }
        using var other = await First.SendAsync("GET", "/v1/usage", free);
        other.StatusCode.ShouldBe(HttpStatusCode.OK);
        other.Headers.Contains("RateLimit").ShouldBeFalse();
    }

    [Fact]
    public async Task As_many_jobs_wait_as_may_on_both_gateways_together()
    {
        var key = await First.CreateTenantAsync("acme", tenant => tenant with { MaxWaiting = 3 });
        var other = await First.CreateTenantAsync("other", tenant => tenant with { MaxWaiting = 1 });
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 12).Select(i => (i % 2 == 0 ? First : Second).SendAsync("POST", "/v1/jobs", key, Work))
        );
        answers.Count(answer => answer.StatusCode == HttpStatusCode.Accepted).ShouldBe(3);
        var refusal = answers.First(answer => answer.StatusCode != HttpStatusCode.Accepted);
        (await Task.FromResult(refusal).ShouldBeProblemAsync(ErrorCode.TooManyJobs)).ShouldContain(
            "3 jobs of the tenant"
        );
        refusal.Headers.RetryAfter.ShouldNotBeNull();
        Array.ForEach(answers, answer => answer.Dispose());
        await Second.SendAsync("POST", "/v1/jobs", other, Work).ShouldBeJobAsync(202);
    }

    [Fact]
    public async Task A_tenant_at_its_budget_gets_no_more_until_what_it_has_takes_less()
    {
        await First.Get<CostRecords>().PutAsync([.. Enum.GetValues<Stage>().Select(Cost)], Token);
        // 100 ms for the encoding, 4 steps and the decoding of one image.
        var key = await First.CreateTenantAsync("acme", tenant => tenant with { DailyBudgetMs = 1300 });
        var job = await First.SendAsync("POST", "/v1/jobs", key, Work).ShouldBeJobAsync(202);
        var spec = (await First.PendingAsync(job.Id())).ShouldNotBeNull();
        spec.PredictedMs.ShouldBe(600);
        await Second.SendAsync("POST", "/v1/jobs", key, Work).ShouldBeJobAsync(202);
        var detail = await Second
            .SendAsync("POST", "/v1/jobs", key, Work)
            .ShouldBeProblemAsync(ErrorCode.BudgetExceeded, 402);
        detail.ShouldContain("600");
        detail.ShouldContain("1300");
        (await UsageAsync()).GetProperty("held_ms").GetInt64().ShouldBe(1200);

        // Half of what was expected: 300 + 600 + 400 is all that fits.
        var record = SampleJobs.Record(spec, TaskPhase.Done, TaskPhase.Done, TaskPhase.Done);
        record = record with { Encode = record.Encode with { DeviceMs = 300 } };
        await First.SaveAsync(record.End(JobOutcome.Succeeded), chargeMs: 300);
        (await UsageAsync()).GetProperty("held_ms").GetInt64().ShouldBe(600);
        await First.SendAsync("POST", "/v1/jobs", key, Work).ShouldBeProblemAsync(ErrorCode.BudgetExceeded);
        await First.SendAsync("POST", "/v1/jobs", key, new { prompt = "a circle", steps = 2 }).ShouldBeJobAsync(202);
        await First
            .SendAsync("POST", "/v1/jobs", key, new { prompt = "a circle", steps = 1 })
            .ShouldBeProblemAsync(ErrorCode.BudgetExceeded);

        var usage = await UsageAsync();
        usage.GetProperty("daily_budget_ms").GetInt64().ShouldBe(1300);
        usage.GetProperty("device_ms").GetDouble().ShouldBe(300);
        usage.GetProperty("images").GetInt64().ShouldBe(1);

        Task<JsonElement> UsageAsync() => Second.SendAsync("GET", "/v1/usage", key).ShouldBeJobAsync(200);
    }

    [Fact]
    public async Task What_could_not_be_accepted_holds_nothing()
    {
        var key = await First.CreateTenantAsync("acme", tenant => tenant with { MaxWaiting = 1 });
        First.Objects.Broken = "pending/";
        await First.SendAsync("POST", "/v1/jobs", key, Work).ShouldBeProblemAsync(ErrorCode.ServiceUnavailable);
        var usage = await First.SendAsync("GET", "/v1/usage", key).ShouldBeJobAsync(200);
        usage.GetProperty("held_ms").GetInt64().ShouldBe(0);
        First.Objects.Broken = null;
        await First.SendAsync("POST", "/v1/jobs", key, Work).ShouldBeJobAsync(202);
    }

    [Fact]
    public async Task What_a_tenant_may_not_ask_for_is_forbidden()
    {
        var key = await First.CreateTenantAsync(
            "acme",
            tenant => tenant with { Priorities = [Priority.Standard, Priority.Batch] }
        );
        var other = await First.CreateTenantAsync("other", tenant => tenant with { Models = ["flux-kontext-dev"] });
        var detail = await First
            .SendAsync("POST", "/v1/jobs", key, new { prompt = "a circle", priority = "interactive" })
            .ShouldBeProblemAsync(ErrorCode.Forbidden);
        detail.ShouldContain("standard, batch");
        await First
            .SendAsync("POST", "/v1/jobs", key, new { prompt = "a circle", priority = "batch" })
            .ShouldBeJobAsync(202);
        detail = await First.SendAsync("POST", "/v1/jobs", other, Work).ShouldBeProblemAsync(ErrorCode.Forbidden);
        detail.ShouldContain("flux-kontext-dev");
    }

    private static LearnedCost Cost(Stage stage) =>
        new("cpu fp32", GatewayHost.TinyRef.Digest, stage, Default.Width, Default.Height, 0, 100);

    private static string Header(HttpResponseMessage answer, string name) =>
        answer.Headers.GetValues(name).ShouldHaveSingleItem();
}
