using System.Text.Json;
using System.Text.Json.Serialization;

namespace Kontext.Contracts;

/// <summary>Enums by their names in snake case, never by number.</summary>
public sealed class SnakeCaseEnumConverter<T>()
    : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false)
    where T : struct, Enum;
