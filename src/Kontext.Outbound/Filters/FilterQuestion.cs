namespace Kontext.Outbound.Filters;

/// <summary>Something that may be refused.</summary>
public sealed record FilterQuestion
{
    /// <summary>What it is.</summary>
    public required FilterKind Kind { get; init; }

    /// <summary>Whose it is.</summary>
    public required string Tenant { get; init; }

    /// <summary>The job it belongs to.</summary>
    public required string Job { get; init; }

    /// <summary>The prompt.</summary>
    public string? Prompt { get; init; }

    /// <summary>What the prompt keeps away from.</summary>
    public string? NegativePrompt { get; init; }

    /// <summary>The picture's file.</summary>
    public byte[]? Image { get; init; }

    /// <summary>What the file is.</summary>
    public string? MediaType { get; init; }
}
