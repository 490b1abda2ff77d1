namespace Kontext.Coordinator;

/// <summary>How a round of the leader's loop ended.</summary>
internal enum RoundOutcome
{
    /// <summary>Everything is saved.</summary>
    Saved,

    /// <summary>Another term has begun, or Redis has lost this one.</summary>
    Deposed,

    /// <summary>Redis did not answer: what is saved is not known, so that memory is worth nothing.</summary>
    Unavailable,
}
