using System.Text.Json.Serialization;
using Kontext.Contracts;
using Kontext.Contracts.Tasks;
using Kontext.Gateway.Cluster;
using Kontext.Gateway.Jobs;
using Kontext.Gateway.Jobs.Timelines;
using Kontext.Gateway.Requests;

namespace Kontext.Gateway;

/// <summary>How the native interface is written: snake case, nulls left out; what is read is taken exactly or refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DictionaryKeyPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false,
    MaxDepth = 16,
    Converters = [typeof(SnakeCaseEnumConverter<Stage>), typeof(SnakeCaseEnumConverter<SizeClass>)]
)]
[JsonSerializable(typeof(JobRequest))]
[JsonSerializable(typeof(JobView))]
[JsonSerializable(typeof(StepView))]
[JsonSerializable(typeof(TimelineView))]
[JsonSerializable(typeof(ClusterView))]
[JsonSerializable(typeof(PreviewView))]
public sealed partial class GatewayJson : JsonSerializerContext;
