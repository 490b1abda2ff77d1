namespace Kontext.Storage;

/// <summary>How long what ended jobs leave behind, and what was uploaded, is kept.</summary>
/// <param name="Of">Of a tenant; null: for ever.</param>
public sealed record Retention(Func<string, TimeSpan?> Of);
