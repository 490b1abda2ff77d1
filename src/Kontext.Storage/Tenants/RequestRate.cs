namespace Kontext.Storage.Tenants;

/// <summary>What becomes of one request of a tenant.</summary>
/// <param name="MayPass">Whether it is within the limit.</param>
/// <param name="Remaining">How many more may be sent now.</param>
/// <param name="FullAfter">When as many as the limit may be sent again.</param>
/// <param name="NextAfter">When one may be sent again; zero if it may now.</param>
public sealed record RequestRate(bool MayPass, int Remaining, TimeSpan FullAfter, TimeSpan NextAfter);
