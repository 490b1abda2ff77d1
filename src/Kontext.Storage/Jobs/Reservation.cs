namespace Kontext.Storage.Jobs;

/// <summary>A job that is to be counted in before it is accepted. What is null is not limited.</summary>
/// <param name="Job">Its id.</param>
/// <param name="Tenant">Whose it is.</param>
/// <param name="MaxOpen">Jobs that may be open in the whole cluster.</param>
/// <param name="MaxWaiting">Jobs of the tenant that may wait.</param>
/// <param name="BudgetMs">Device time of the tenant for the day (UTC), in milliseconds.</param>
/// <param name="PredictedMs">Device time that the job is expected to take, in milliseconds; held of the budget until it ends.</param>
public sealed record Reservation(
    string Job,
    string Tenant,
    int MaxOpen,
    int? MaxWaiting = null,
    long? BudgetMs = null,
    long PredictedMs = 0
);
