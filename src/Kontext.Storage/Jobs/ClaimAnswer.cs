using Kontext.Contracts.Tasks;

namespace Kontext.Storage.Jobs;

/// <summary>What the arbiter says to whoever asks for a task.</summary>
public abstract record ClaimAnswer
{
    private ClaimAnswer() { }

    /// <summary>Run it under this number, from this checkpoint if there is one.</summary>
    public sealed record Granted(long Number, Checkpoint? Checkpoint) : ClaimAnswer
    {
        /// <summary>The claim before it, where its holder died.</summary>
        public LostClaim? Lost { get; init; }
    }

    /// <summary>Somebody runs it.</summary>
    public sealed record Busy : ClaimAnswer;

    /// <summary>It is done; the report may have been lost and should be sent again.</summary>
    public sealed record Done(TaskReport Report) : ClaimAnswer;

    /// <summary>There is nothing to do: its job has ended, or is not known (any more), or a later run has begun.</summary>
    public sealed record Gone : ClaimAnswer;

    /// <summary>As many workers as allowed have died of it without checkpoint progress. The number is good for the report.</summary>
    public sealed record Exhausted(long Number, int Deaths) : ClaimAnswer;
}
