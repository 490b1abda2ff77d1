namespace Kontext.Contracts.Jobs;

/// <summary>
/// That somebody is still to be told of a job's end, and how far that has come. Stored as <c>webhooks/{id}.json</c> before the
/// end is; removed when it has been taken, declined or given up.
/// </summary>
public sealed record WebhookDue
{
    /// <summary>Version of this form.</summary>
    public int V { get; init; } = WireJson.Version;

    /// <summary>The job.</summary>
    public required string Job { get; init; }

    /// <summary>Whose job it is.</summary>
    public required string Tenant { get; init; }

    /// <summary>Host, and port where it is not the usual one, of whom is to be told.</summary>
    public required string Receiver { get; init; }

    /// <summary>Attempts so far.</summary>
    public int Attempts { get; init; }

    /// <summary>When the next attempt is due; null: at once.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>What came of the last attempt, in words.</summary>
    public string? LastAnswer { get; init; }
}
