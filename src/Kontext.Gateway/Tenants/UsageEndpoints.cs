using System.Globalization;
using Kontext.Contracts;
using Kontext.Gateway.Reference;
using Kontext.Storage.Tenants;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.OpenApi;

namespace Kontext.Gateway.Tenants;

/// <summary>The handler of <c>/v1/usage</c>.</summary>
internal static class UsageEndpoints
{
    /// <summary>Days that are shown unless the request says otherwise.</summary>
    private const int DefaultDays = 30;

    private const string DayForm = "yyyy-MM-dd";

    public static void MapUsage(this IEndpointRouteBuilder endpoints) =>
        endpoints
            .MapGet("/v1/usage", ShowAsync)
            .WithTags("Usage")
            .WithSummary("Shows what the tenant has used, day by day")
            .Takes(ParameterLocation.Query, "from", "The first day, UTC, such as 2026-01-01; 29 days before the last.")
            .Takes(ParameterLocation.Query, "to", "The last day, UTC; today.")
            .Produces<UsageView>()
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .MayBeAway();

    private static async Task<IResult> ShowAsync(
        HttpContext context,
        TenantUsage usage,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        var tenant = RequestTenant.PolicyOf(context);
        var last = Day(context.Request, "to") ?? DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var first = Day(context.Request, "from") ?? last.AddDays(Math.Max(1 - DefaultDays, -last.DayNumber));
        if (first > last || last.DayNumber - first.DayNumber >= UsageRange.MaxDays)
        {
            throw Invalid($"'from' is at most {UsageRange.MaxDays - 1} days before 'to', and not after it.");
        }
        var days = await usage.ReadAsync(tenant.Id, first, last, cancellationToken);
        var view = new UsageView(
            tenant.Id,
            [.. days.Select(day => new UsageDayView(day.Day, day.Images, day.DeviceMs))],
            days.Sum(day => day.Images),
            days.Sum(day => day.DeviceMs),
            await usage.HeldMsAsync(tenant.Id, cancellationToken),
            tenant.DailyBudgetMs
        );
        return TypedResults.Json(view, GatewayJson.Default.UsageView);
    }

    private static DateOnly? Day(HttpRequest request, string name) =>
        request.Query[name] switch
        {
            [] => null,
            [{ } text]
                when DateOnly.TryParseExact(
                    text,
                    DayForm,
                    CultureInfo.InvariantCulture,
                    DateTimeStyles.None,
                    out var day
                ) => day,
            _ => throw Invalid($"'{name}' is a day such as 2026-01-31."),
        };

    private static KontextException Invalid(string message) => new(ErrorCode.RequestInvalid, message);
}
