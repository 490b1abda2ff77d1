namespace Kontext.Contracts.Jobs;

/// <summary>Where one stage task of a job stands, as the coordinator sees it.</summary>
public enum TaskPhase
{
    /// <summary>What it needs is not there yet.</summary>
    Blocked,

    /// <summary>It waits in the fair queue for room.</summary>
    Waiting,

    /// <summary>It has been sent to its lane; who runs it, the claims know.</summary>
    Released,

    /// <summary>Its output is known.</summary>
    Done,
}
