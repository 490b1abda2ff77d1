using System.Text.Json.Serialization;
using Kontext.Contracts;
using Kontext.Contracts.Tasks;
using Kontext.Gateway.Cluster;
using Kontext.Gateway.Jobs;
using Kontext.Gateway.Jobs.Lists;
using Kontext.Gateway.Jobs.Timelines;
using Kontext.Gateway.Requests;
using Kontext.Gateway.Tenants;
using Kontext.Gateway.Uploads;

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
[JsonSerializable(typeof(JobListView))]
[JsonSerializable(typeof(UploadView))]
[JsonSerializable(typeof(StepView))]
[JsonSerializable(typeof(TimelineView))]
[JsonSerializable(typeof(ClusterView))]
[JsonSerializable(typeof(PreviewView))]
[JsonSerializable(typeof(UsageView))]
public sealed partial class GatewayJson : JsonSerializerContext;
