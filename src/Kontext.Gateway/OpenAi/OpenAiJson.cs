using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Kontext.Gateway.OpenAi;

/// <summary>How the OpenAI interface is written; what is read is taken exactly or refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false,
    MaxDepth = 16
)]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(ImageRequest))]
[JsonSerializable(typeof(ImagesAnswer))]
[JsonSerializable(typeof(ImageEvent))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(ModelView))]
[JsonSerializable(typeof(OpenAiFailure))]
public sealed partial class OpenAiJson : JsonSerializerContext;
