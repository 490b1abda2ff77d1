namespace Kontext.Contracts.Jobs;

/// <summary>How urgent a job is. Lower values go first.</summary>
public enum Priority
{
    /// <summary>A person waits for it.</summary>
    Interactive,

    /// <summary>The default.</summary>
    Standard,

    /// <summary>Whenever there is nothing else to do.</summary>
    Batch,
}
