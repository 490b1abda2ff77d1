namespace Kontext.Contracts.Jobs;

/// <summary>Where a job is between acceptance and its end.</summary>
public enum JobPhase
{
    /// <summary>Tasks wait or run.</summary>
    Open,

    /// <summary>The outcome is decided and saved; the terminal record is being written.</summary>
    Finishing,

    /// <summary>The terminal record is written, the outcome is shown.</summary>
    Ended,
}
