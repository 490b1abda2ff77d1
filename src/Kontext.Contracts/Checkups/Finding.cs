namespace Kontext.Contracts.Checkups;

/// <summary>What a checkup found.</summary>
public sealed record Finding
{
    private Finding(FindingLevel level, string what) => (Level, What) = (level, what);

    /// <summary>How bad it is.</summary>
    public FindingLevel Level { get; }

    /// <summary>What was found, in one line; of a server also which one.</summary>
    public string What { get; }

    /// <summary>What to do next, in one line; null where there is nothing to do.</summary>
    public string? Advice { get; private init; }

    /// <summary>What serving would fail with; null unless it is a fault.</summary>
    public ErrorCode? Code { get; private init; }

    /// <summary>Version of what was looked at, if it has one.</summary>
    public string? Version { get; init; }

    /// <summary>How long it took to answer, if it was asked.</summary>
    public TimeSpan? Latency { get; init; }

    /// <summary>All is well.</summary>
    public static Finding Ok(string what) => new(FindingLevel.Ok, what);

    /// <summary>It works, but.</summary>
    public static Finding Warning(string what, string advice) => new(FindingLevel.Warning, what) { Advice = advice };

    /// <summary>It does not work.</summary>
    /// <param name="code">What serving would fail with.</param>
    /// <param name="what">What is wrong.</param>
    /// <param name="advice">How to put it right; null: what the code advises.</param>
    public static Finding Fault(ErrorCode code, string what, string? advice = null) =>
        new(FindingLevel.Fault, what) { Code = code, Advice = advice ?? code.Advice };

    /// <summary>It does not work, as an error says.</summary>
    public static Finding Fault(KontextException error, string? advice = null) =>
        Fault(error.Code, error.Message, advice);
}
