namespace Kontext.Storage.Tenants;

/// <summary>How much of the accounts can be asked for at a time.</summary>
public static class UsageRange
{
    /// <summary>A year; accounts are kept for less.</summary>
    public const int MaxDays = 366;
}
