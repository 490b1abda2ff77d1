using Kontext.Contracts.Jobs;

namespace Kontext.Coordinator.Webhooks;

/// <summary>Decides what follows from an attempt.</summary>
internal static class WebhookPlan
{
    /// <summary>Receivers that were down together must not be asked together: pauses are up to this much longer.</summary>
    private const double Jitter = 0.2;

    /// <summary>A receiver that asks for more than this is asked all the same: it may have meant something else.</summary>
    public static readonly TimeSpan LongestRetryAfter = TimeSpan.FromHours(24);

    /// <summary>The delivery after an attempt; null if there is nothing more to do: taken, declined or given up.</summary>
    /// <param name="due">The delivery before it.</param>
    /// <param name="answer">What came of it.</param>
    /// <param name="pauses">Pauses between attempts.</param>
    /// <param name="now">The time.</param>
    /// <param name="random">From 0 to 1.</param>
    public static WebhookDue? Next(
        WebhookDue due,
        WebhookAnswer answer,
        IReadOnlyList<TimeSpan> pauses,
        DateTimeOffset now,
        double random
    )
    {
        if (answer.IsTaken || answer.IsDeclined || due.Attempts >= pauses.Count)
        {
            return null;
        }
        var pause = pauses[due.Attempts] * (1 + (Jitter * random));
        if (answer.RetryAfter is { } asked && asked > pause)
        {
            pause = asked < LongestRetryAfter ? asked : LongestRetryAfter;
        }
        return due with { Attempts = due.Attempts + 1, DueAt = now + pause, LastAnswer = answer.Words };
    }
}
