namespace Kontext.Coordinator.Telemetry;

/// <summary>What came of an attempt to tell of a job's end.</summary>
internal enum WebhookResult
{
    /// <summary>The receiver has it.</summary>
    Taken,

    /// <summary>It has not, and is told again.</summary>
    Failed,

    /// <summary>Its address is one that must not be reached, and it is tried again.</summary>
    Forbidden,

    /// <summary>It has not, and is not told any more.</summary>
    GivenUp,
}
