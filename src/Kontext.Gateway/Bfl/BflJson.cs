using System.Text.Json.Serialization;

namespace Kontext.Gateway.Bfl;

/// <summary>How the BFL interface is written; what is read is taken exactly or refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false,
    MaxDepth = 16
)]
[JsonSerializable(typeof(BflRequest))]
[JsonSerializable(typeof(BflAccepted))]
[JsonSerializable(typeof(BflResult))]
[JsonSerializable(typeof(BflCredits))]
[JsonSerializable(typeof(BflFailure))]
[JsonSerializable(typeof(BflInvalid))]
public sealed partial class BflJson : JsonSerializerContext;
