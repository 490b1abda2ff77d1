using Kontext.Scheduling.Terms;

namespace Kontext.Coordinator;

/// <summary>Something for the leader's loop to do.</summary>
/// <param name="Apply">What.</param>
/// <param name="Saved">Completed when what follows is saved; null for what the leader tells itself.</param>
/// <param name="Dropped">Called if there is no term to do it in.</param>
internal sealed record LeaderCommand(
    Action<Term, DateTimeOffset> Apply,
    TaskCompletionSource? Saved,
    Action? Dropped = null
);
