using Kontext.Contracts;
using Kontext.Gateway.Tests.Http;

namespace Kontext.Gateway.Tests.Tenants;

public sealed class UsageTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    [Fact]
    public async Task Each_day_asked_for_is_there()
    {
        var usage = await shared
            .Host.SendAsync("GET", "/v1/usage?from=2026-01-30&to=2026-02-02", key: null)
            .ShouldBeJobAsync(200);
        usage
            .GetProperty("days")
            .EnumerateArray()
            .Select(day => day.GetProperty("date").GetString())
            .ShouldBe(["2026-01-30", "2026-01-31", "2026-02-01", "2026-02-02"]);
        usage.TryGetProperty("daily_budget_ms", out _).ShouldBeFalse();
        usage = await shared.Host.SendAsync("GET", "/v1/usage", key: null).ShouldBeJobAsync(200);
        usage.GetProperty("days").GetArrayLength().ShouldBe(30);
    }

    [Theory]
    [InlineData("from=x")]
    [InlineData("from=2026-02-30")]
    [InlineData("from=2026-1-1")]
    [InlineData("to=2026-01-01T00:00:00Z")]
    [InlineData("from=2026-01-02&to=2026-01-01")]
    [InlineData("from=2026-01-01&from=2026-01-02")]
    [InlineData("from=0001-01-01&to=9999-12-31")]
    [InlineData("from=2026-01-01&to=2027-01-02")]
    [InlineData("from=")]
    public Task Other_ranges_are_refused(string query) =>
        shared.Host.SendAsync("GET", $"/v1/usage?{query}", key: null).ShouldBeProblemAsync(ErrorCode.RequestInvalid);

    [Theory]
    [InlineData("to=0001-01-01")]
    [InlineData("to=0001-01-20")]
    [InlineData("from=9999-12-31&to=9999-12-31")]
    public Task The_ends_of_time_are_days_as_well(string query) =>
        shared.Host.SendAsync("GET", $"/v1/usage?{query}", key: null).ShouldBeJobAsync(200);
}
