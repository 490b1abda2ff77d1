namespace Kontext.Gateway.Tenants;

/// <summary>What a tenant has used, as its clients see it.</summary>
/// <param name="Tenant">Its id.</param>
/// <param name="Days">The days asked for.</param>
/// <param name="Images">Images of all of them.</param>
/// <param name="DeviceMs">Device time of all of them.</param>
/// <param name="HeldMs">Device time that is held for open jobs now.</param>
/// <param name="DailyBudgetMs">Device time that it may use a day; null: no limit.</param>
public sealed record UsageView(
    string Tenant,
    IReadOnlyList<UsageDayView> Days,
    long Images,
    double DeviceMs,
    long HeldMs,
    long? DailyBudgetMs
);

/// <summary>What a tenant has used on a day.</summary>
/// <param name="Date">The day, UTC.</param>
/// <param name="Images">Images of jobs that ended.</param>
/// <param name="DeviceMs">Device time.</param>
public sealed record UsageDayView(DateOnly Date, long Images, double DeviceMs);
