using System.Text.Json.Serialization;
using Kontext.Flux.Sampling;

namespace Kontext.Flux.Bundles;

/// <summary>How bundles read and write JSON: snake case, sizes as text, nothing unknown.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    WriteIndented = true,
    IndentSize = 2,
    Converters = [
        typeof(ImageSizeConverter),
        typeof(NoiseDTypeConverter),
        typeof(WeightStorageConverter),
        typeof(DTypeConverter),
        typeof(GraphPrecisionConverter),
        typeof(LatentFormConverter),
    ]
)]
[JsonSerializable(typeof(ModelManifest))]
[JsonSerializable(typeof(SamplingSettings))]
[JsonSerializable(typeof(PreviewProjection))]
[JsonSerializable(typeof(TokenizerRecord))]
internal sealed partial class BundleJson : JsonSerializerContext;
