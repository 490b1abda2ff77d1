namespace Kontext.Contracts.Jobs;

/// <summary>How a job ended: exactly one of these, once.</summary>
public enum JobOutcome
{
    /// <summary>Every image was made.</summary>
    Succeeded,

    /// <summary>A sample could not be made; images that were made before stay listed.</summary>
    Failed,

    /// <summary>Its owner cancelled it.</summary>
    Cancelled,

    /// <summary>Its deadline passed.</summary>
    Expired,
}
