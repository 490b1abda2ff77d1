using System.Web;
using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Gateway.Jobs;
using Kontext.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;

namespace Kontext.Gateway.Tests.Http;

/// <summary>Who has a URL of ours has the image, for a while; nobody else has it but its owner.</summary>
public sealed class ImageUrlTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const TaskPhase Done = TaskPhase.Done;
    private readonly string _id = Guid.NewGuid().ToString("N");

    private GatewayHost Host => shared.Host;
    private static CancellationToken Token => GatewayHost.Token;

    [Fact]
    public async Task Whoever_has_the_url_has_the_image_of_another_tenant()
    {
        var url = await SaveAsync("another");
        (await Host.Client.GetStringAsync(url, Token)).ShouldBe("an image");
        await Host
            .Client.GetAsync(new Uri(url.GetLeftPart(UriPartial.Path)), Token)
            .ShouldBeProblemAsync(ErrorCode.JobNotFound);
    }

    [Theory]
    [InlineData("signature", "0")]
    [InlineData("signature", "é")]
    [InlineData("expires", "99999999999")]
    [InlineData("expires", "99999999999999999999999")]
    [InlineData("expires", "-1")]
    [InlineData("expires", "")]
    public async Task A_url_that_was_changed_is_worth_nothing(string field, string value)
    {
        var url = new UriBuilder(await SaveAsync("another"));
        var query = HttpUtility.ParseQueryString(url.Query);
        query[field] = value;
        url.Query = query.ToString();
        await Host.Client.GetAsync(url.Uri, Token).ShouldBeProblemAsync(ErrorCode.JobNotFound);
    }

    [Fact]
    public async Task A_signature_is_for_one_image_of_one_job()
    {
        var url = await SaveAsync("another", count: 2);
        var other = new Uri(url.AbsoluteUri.Replace("/images/0", "/images/1", StringComparison.Ordinal));
        await Host.Client.GetAsync(other, Token).ShouldBeProblemAsync(ErrorCode.JobNotFound);
        var second = Guid.NewGuid().ToString("N");
        await Host.SaveAsync(SampleJobs.Record(SampleJobs.Spec(second, tenant: "another"), Done, Done, Done));
        other = new Uri(url.AbsoluteUri.Replace(_id, second, StringComparison.Ordinal));
        await Host.Client.GetAsync(other, Token).ShouldBeProblemAsync(ErrorCode.JobNotFound);
    }

    [Fact]
    public async Task A_url_whose_time_has_passed_says_so_and_its_owner_may_look_all_the_same()
    {
        await SaveAsync("another");
        var expired = Sign(SampleJobs.Spec(_id, tenant: "another"), TimeSpan.FromHours(-2));
        await Host.Client.GetAsync(expired, Token).ShouldBeProblemAsync(ErrorCode.UrlExpired);

        await SaveAsync(RequestTenant.Default, version: 2);
        expired = Sign(SampleJobs.Spec(_id), TimeSpan.FromHours(-2));
        (await Host.Client.GetStringAsync(expired, Token)).ShouldBe("an image");
    }

    [Fact]
    public void A_url_is_good_for_as_long_as_promised_and_stays_the_same_for_a_while()
    {
        var clock = new TestClock(SampleJobs.Start);
        var valid = TimeSpan.FromHours(1);
        var first = Ends();
        (first - clock.GetUtcNow()).ShouldBeInRange(valid, valid * 13 / 12);
        var urls = Enumerable.Range(0, 3600).Select(_ => Move()).Distinct().Count();
        urls.ShouldBeInRange(12, 13);

        DateTimeOffset Move()
        {
            clock.Now += TimeSpan.FromSeconds(1);
            var ends = Ends();
            (ends - clock.GetUtcNow()).ShouldBeGreaterThanOrEqualTo(valid);
            return ends;
        }

        DateTimeOffset Ends()
        {
            var url = Urls(clock).Of(SampleJobs.Spec(), 0, Request(), valid);
            var query = HttpUtility.ParseQueryString(new Uri(url).Query);
            return DateTimeOffset.FromUnixTimeSeconds(long.Parse(query["expires"]!));
        }
    }

    /// <summary>Saves a job with an image of a tenant.</summary>
    /// <returns>The URL of its first image.</returns>
    private async Task<Uri> SaveAsync(string tenant, int count = 1, int version = 1)
    {
        var spec = SampleJobs.Spec(_id, count, tenant: tenant);
        TaskPhase[] phases = [Done, .. Enumerable.Repeat(Done, 2 * count)];
        await Host.SaveAsync(SampleJobs.Record(spec, phases) with { Version = version });
        for (var i = 0; i < count; i++)
        {
            await Host.Objects.PutAsync(SampleJobs.Output(_id, i).Image, "an image"u8.ToArray(), "image/png", Token);
        }
        return Sign(spec, TimeSpan.Zero);
    }

    private Uri Sign(JobSpec spec, TimeSpan later) =>
        new(
            Host.Client.BaseAddress!,
            new Uri(
                new ImageUrls(
                    Host.Get<TenantKeys>(),
                    Host.Get<IOptions<GatewayOptions>>(),
                    new TestClock(DateTimeOffset.UtcNow + later)
                ).Of(spec, 0, Request())
            ).PathAndQuery
        );

    private ImageUrls Urls(TimeProvider clock) =>
        new(Host.Get<TenantKeys>(), Host.Get<IOptions<GatewayOptions>>(), clock);

    private static HttpRequest Request()
    {
        var context = new DefaultHttpContext();
        context.Request.Scheme = "http";
        context.Request.Headers.Host = "here";
        return context.Request;
    }

    private sealed class TestClock(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
