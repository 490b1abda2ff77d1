namespace Kontext.Contracts.Checkups;

/// <summary>How bad a finding is.</summary>
public enum FindingLevel
{
    /// <summary>It is as it should be.</summary>
    Ok,

    /// <summary>It works, and may not for long or not for everything.</summary>
    Warning,

    /// <summary>Serving does not work with it.</summary>
    Fault,
}
