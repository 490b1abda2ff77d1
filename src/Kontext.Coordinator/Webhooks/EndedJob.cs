using Kontext.Contracts.Jobs;

namespace Kontext.Coordinator.Webhooks;

/// <summary>A job that has ended, as its receiver is told. Paths are below the gateway's URL.</summary>
internal sealed record EndedJob
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>Where the gateway shows it.</summary>
    public required string Path { get; init; }

    /// <summary><c>succeeded</c>, <c>failed</c>, <c>cancelled</c> or <c>expired</c>.</summary>
    public required string Status { get; init; }

    /// <summary>Name of the model.</summary>
    public required string Model { get; init; }

    /// <summary>Seed of the first image.</summary>
    public required long Seed { get; init; }

    /// <summary>Images that were to be made.</summary>
    public required int Count { get; init; }

    /// <summary>When it was accepted.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Images that were made.</summary>
    public required IReadOnlyList<EndedImage> Images { get; init; }

    /// <summary>Why it failed.</summary>
    public JobFault? Error { get; init; }
}
