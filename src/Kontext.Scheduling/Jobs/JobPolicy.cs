namespace Kontext.Scheduling.Jobs;

/// <summary>The numbers that the machine goes by.</summary>
public static class JobPolicy
{
    /// <summary>
    /// How long a released task may wait in its lane; the time to live of its message. Long enough for a worker that finishes a
    /// step first, short enough that a task whose workers have gone is soon decided on anew.
    /// </summary>
    public static TimeSpan DispatchDeadline { get; } = TimeSpan.FromSeconds(10);

    /// <summary>Time past a deadline before the leader looks: what a delivery and a claim take, and clocks that differ a little.</summary>
    public static TimeSpan CheckMargin { get; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The leader looks at a live claim no later than this (and the margin): leases are measured by the arbiter's clock, which
    /// may be another than the leader's.
    /// </summary>
    public static TimeSpan LongestLook { get; } = TimeSpan.FromSeconds(15);

    /// <summary>When to ask the arbiter again that has not answered.</summary>
    public static TimeSpan AskAgain { get; } = TimeSpan.FromSeconds(5);

    /// <summary>Pause before a task that could not be sent, or was stopped for no reason known, is released again.</summary>
    public static TimeSpan ShortPause { get; } = TimeSpan.FromSeconds(1);

    /// <summary>Pause after a first failure; it doubles with each further one.</summary>
    public static TimeSpan FirstBackoff { get; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause after a failure: an outage ends, and then nobody should wait for minutes.</summary>
    public static TimeSpan LongestBackoff { get; } = TimeSpan.FromSeconds(30);

    /// <summary>Failures of one task that count, of which the last is for good: half a minute of trying, on several devices.</summary>
    public const int MostFailures = 6;

    /// <summary>
    /// How often a task may find its inputs gone. More often than a cache that has been emptied explains: it is too small for
    /// what this job needs.
    /// </summary>
    public const int MostMisses = 10;

    /// <summary>The pause after some failures.</summary>
    /// <param name="failures">Failures so far, 1 for the first.</param>
    public static TimeSpan Backoff(int failures)
    {
        // Beyond the longest pause the exponent changes nothing, and must not overflow.
        var doublings = Math.Clamp(failures, 1, 11) - 1;
        var pause = FirstBackoff * (1 << doublings);
        return pause < LongestBackoff ? pause : LongestBackoff;
    }
}
