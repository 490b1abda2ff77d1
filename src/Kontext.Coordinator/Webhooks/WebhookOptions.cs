namespace Kontext.Coordinator.Webhooks;

/// <summary>How the ends of jobs are told; section <c>Webhooks</c> of the configuration.</summary>
public sealed record WebhookOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Webhooks";

    /// <summary>Those that Standard Webhooks recommends: three days in all.</summary>
    private static readonly TimeSpan[] UsualSchedule =
    [
        TimeSpan.FromSeconds(5),
        TimeSpan.FromMinutes(5),
        TimeSpan.FromMinutes(30),
        TimeSpan.FromHours(2),
        TimeSpan.FromHours(5),
        TimeSpan.FromHours(10),
        TimeSpan.FromHours(14),
        TimeSpan.FromHours(20),
        TimeSpan.FromHours(24),
    ];

    private static readonly TimeSpan LongestPause = TimeSpan.FromDays(30);

    /// <summary>Pauses between attempts. The first attempt is made at once; after the last pause comes the last.</summary>
    /// <value>Null: 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h.</value>
    public IReadOnlyList<TimeSpan>? Schedule { get; init; }

    /// <summary>The longest that a receiver may take to answer.</summary>
    /// <value>15 seconds.</value>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Requests under way at a time.</summary>
    /// <value>32: twice what one tenant may have.</value>
    public int MaxAtOnce { get; init; } = 32;

    /// <summary>Requests under way at a time for one tenant: its slow receivers hold up no other tenant.</summary>
    /// <value>16.</value>
    public int MaxPerTenant { get; init; } = 16;

    /// <summary>Requests under way at a time for one receiver of a tenant: a slow one holds up no other.</summary>
    /// <value>4.</value>
    public int MaxPerReceiver { get; init; } = 4;

    internal IReadOnlyList<TimeSpan> Pauses => Schedule ?? UsualSchedule;

    internal bool IsValid =>
        Pauses.All(pause => pause >= TimeSpan.Zero && pause <= LongestPause)
        && Timeout > TimeSpan.Zero
        && MaxPerReceiver > 0
        && MaxPerTenant >= MaxPerReceiver
        && MaxAtOnce >= MaxPerTenant;
}
