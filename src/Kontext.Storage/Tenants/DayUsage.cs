namespace Kontext.Storage.Tenants;

/// <summary>What a tenant has used on a day.</summary>
/// <param name="Day">The day, UTC.</param>
/// <param name="Images">Images of jobs whose outcome was decided that day.</param>
/// <param name="DeviceMs">Device time, in milliseconds.</param>
public sealed record DayUsage(DateOnly Day, long Images, double DeviceMs);
