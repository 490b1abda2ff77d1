using System.Text.Json.Serialization;

namespace Kontext.Outbound.Filters;

/// <summary>What hooks are sent and answer: snake case, pictures in base64.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false,
    RespectRequiredConstructorParameters = true,
    UseStringEnumConverter = true
)]
[JsonSerializable(typeof(FilterQuestion))]
[JsonSerializable(typeof(FilterAnswer))]
internal sealed partial class FilterJson : JsonSerializerContext;
