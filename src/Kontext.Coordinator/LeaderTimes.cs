using Kontext.Scheduling.Terms;

namespace Kontext.Coordinator;

/// <summary>The times that a leader lives by.</summary>
internal static class LeaderTimes
{
    /// <summary>How often every coordinator sends a tick: the resolution of deadlines and pauses.</summary>
    public static readonly TimeSpan Tick = Term.Tick;

    /// <summary>How often accepted jobs are compared with known ones.</summary>
    public static readonly TimeSpan Sweep = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How far the clocks of a gateway and a leader may be apart. Jobs accepted earlier than this after a term began are
    /// checked against terminal records: Redis may have forgotten that they have ended.
    /// </summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(1);

    /// <summary>A reservation without a job by then belongs to a gateway that died.</summary>
    public static readonly TimeSpan ReservationAge = TimeSpan.FromMinutes(1);

    /// <summary>How often what is kept no more is removed.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromMinutes(10);

    /// <summary>Pause before something that a server refused is tried again.</summary>
    public static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);
}
