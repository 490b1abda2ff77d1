using System.Text.Json.Serialization;

namespace Kontext.Gateway.Bfl;

/// <summary>The answer to a request that was accepted.</summary>
/// <param name="Id">The job.</param>
/// <param name="PollingUrl">Where its result is, absolute.</param>
public sealed record BflAccepted(string Id, string PollingUrl);

/// <summary>How a job stands. Fields are there even where they are null, as at BFL.</summary>
public sealed record BflResult
{
    /// <summary>The job.</summary>
    public required string Id { get; init; }

    /// <summary>One of <c>BflStatus</c>.</summary>
    public required string Status { get; init; }

    /// <summary>What was made.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public BflImage? Result { get; init; }

    /// <summary>Share of its work that is done, 0 to 1.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public double? Progress { get; init; }

    /// <summary>Why it has no result.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public BflDetails? Details { get; init; }

    /// <summary>Always null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Preview { get; init; }
}

/// <summary>What was made.</summary>
/// <param name="Sample">URL of the image; good for ten minutes.</param>
/// <param name="Prompt">What was asked for.</param>
/// <param name="Seed">Seed of its noise.</param>
/// <param name="StartTime">When it was accepted, in seconds since 1970.</param>
/// <param name="EndTime">When it was finished, in seconds since 1970.</param>
/// <param name="Duration">Seconds between the two.</param>
public sealed record BflImage(
    string Sample,
    string Prompt,
    long Seed,
    double StartTime,
    double EndTime,
    double Duration
);

/// <summary>Why there is no result.</summary>
/// <param name="Code">One of our codes.</param>
/// <param name="Message">One sentence.</param>
public sealed record BflDetails(string Code, string Message);

/// <summary>What is left to spend.</summary>
/// <param name="Credits">Seconds of device time that are left today.</param>
public sealed record BflCredits(double Credits);

/// <summary>A failure.</summary>
/// <param name="Detail">One sentence.</param>
public sealed record BflFailure(string Detail);

/// <summary>A request that is wrong, as FastAPI tells it.</summary>
/// <param name="Detail">What is wrong with it.</param>
public sealed record BflInvalid(IReadOnlyList<BflFault> Detail);

/// <summary>One thing that is wrong with a request.</summary>
/// <param name="Loc">Where: <c>body</c> and the field, where it is known.</param>
/// <param name="Msg">One sentence.</param>
/// <param name="Type">One of our codes.</param>
public sealed record BflFault(IReadOnlyList<string> Loc, string Msg, string Type);
