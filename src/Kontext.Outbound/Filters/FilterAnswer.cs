namespace Kontext.Outbound.Filters;

/// <summary>What a filter says.</summary>
/// <param name="Allow">Whether it may pass.</param>
/// <param name="Category">Why not, in a word or two that the sender may see.</param>
public sealed record FilterAnswer(bool Allow, string? Category = null);
