namespace Kontext.Contracts.Tasks;

/// <summary>The state of the claim on one task, as the arbiter holds it.</summary>
public sealed record Claim
{
    /// <summary>Number of the latest claim; later claims have higher numbers.</summary>
    public required long Number { get; init; }

    /// <summary>
    /// When it was made, by Redis's clock: numbers are that clock's microseconds, and run ahead of it only where it was set back.
    /// </summary>
    public DateTimeOffset MadeAt => DateTimeOffset.UnixEpoch.AddMicroseconds(Number);

    /// <summary>Which time round it is for.</summary>
    public required int Run { get; init; }

    /// <summary>Who holds it.</summary>
    public required string Worker { get; init; }

    /// <summary>Until when it is live without a heartbeat.</summary>
    public required DateTimeOffset LeaseUntil { get; init; }

    /// <summary>Whether the lease had not run out when this was read.</summary>
    public required bool Live { get; init; }

    /// <summary>Steps taken as of the latest heartbeat.</summary>
    public int Step { get; init; }

    /// <summary>Holders that died without having made checkpoint progress.</summary>
    public int Deaths { get; init; }

    /// <summary>The latest checkpoint.</summary>
    public Checkpoint? Checkpoint { get; init; }

    /// <summary>The report it was finished with; null while it runs.</summary>
    public TaskReport? Report { get; init; }
}

/// <summary>Latents of a half-denoised sample.</summary>
/// <param name="Latents">Key in the tensor cache; fresh for every checkpoint.</param>
/// <param name="Step">Steps behind it.</param>
/// <param name="NumericClass">Only workers of this class continue it.</param>
public sealed record Checkpoint(string Latents, int Step, string NumericClass);
