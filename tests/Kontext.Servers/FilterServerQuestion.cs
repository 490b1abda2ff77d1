using System.Text.Json;

namespace Kontext.Servers;

/// <summary>What a filter was asked.</summary>
/// <param name="Body">The question.</param>
/// <param name="Authorization">The key that came with it.</param>
public sealed record FilterServerQuestion(JsonElement Body, string? Authorization);
