using Kontext.Contracts.Tasks;

namespace Kontext.Scheduling.Jobs;

/// <summary>Something to do once a job's new state is saved. All of them may be done twice without harm.</summary>
public abstract record JobEffect
{
    private JobEffect() { }

    /// <summary>Send a task to its lane.</summary>
    public sealed record SendTask(Lane Lane, StageTask Task) : JobEffect;

    /// <summary>Ask the arbiter about a released task; answered by <see cref="JobEvent.ClaimRead"/>.</summary>
    public sealed record ReadClaim(TaskId Task, int Run) : JobEffect;

    /// <summary>Write the terminal record; answered by <see cref="JobEvent.TerminalRecordWritten"/>.</summary>
    public sealed record WriteTerminalRecord : JobEffect;

    /// <summary>Remove the acceptance, the claims and the tensors of a job that has ended.</summary>
    public sealed record CleanUp : JobEffect;
}
