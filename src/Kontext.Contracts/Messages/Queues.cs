namespace Kontext.Contracts.Messages;

/// <summary>Names of the queues that are not lanes.</summary>
public static class Queues
{
    /// <summary>Everything the leader hears: submits, cancels, reports, ticks.</summary>
    public const string Coordinator = "kontext.coordinator";

    /// <summary>Messages nobody could read.</summary>
    public const string DeadLetters = "kontext.dead-letters";
}
