using System.Text.Json;
using System.Text.Json.Serialization;
using Kontext.Contracts.Cluster;
using Kontext.Contracts.Costs;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Messages;
using Kontext.Contracts.Tasks;
using Kontext.Contracts.Tenants;
using Kontext.Contracts.Workers;

namespace Kontext.Contracts;

/// <summary>
/// How everything that travels or is stored is written: snake case, enums by name, nulls left out unless a constructor asks for
/// them. Unknown fields are ignored, so that versions can run side by side; missing ones are refused.
/// </summary>
/// <remarks>
/// What is refused throws a <see cref="System.Text.Json.JsonException"/>, but a <see cref="NotSupportedException"/> where the
/// <c>kind</c> is missing that tells subtypes apart.
/// </remarks>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DictionaryKeyPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowOutOfOrderMetadataProperties = true,
    IgnoreReadOnlyProperties = true,
    Converters = [
        typeof(SnakeCaseEnumConverter<Priority>),
        typeof(SnakeCaseEnumConverter<JobOutcome>),
        typeof(SnakeCaseEnumConverter<JobPhase>),
        typeof(SnakeCaseEnumConverter<TaskPhase>),
        typeof(SnakeCaseEnumConverter<Stage>),
        typeof(SnakeCaseEnumConverter<SizeClass>),
        typeof(SnakeCaseEnumConverter<TaskResult>),
        typeof(TaskIdConverter),
    ]
)]
[JsonSerializable(typeof(JobSpec))]
[JsonSerializable(typeof(JobRecord))]
[JsonSerializable(typeof(WebhookDue))]
[JsonSerializable(typeof(StageTask))]
[JsonSerializable(typeof(TaskReport))]
[JsonSerializable(typeof(Checkpoint))]
[JsonSerializable(typeof(WorkerProfile))]
[JsonSerializable(typeof(SubmitJob))]
[JsonSerializable(typeof(CancelJob))]
[JsonSerializable(typeof(Tick))]
[JsonSerializable(typeof(JobProgress))]
[JsonSerializable(typeof(Tenant))]
[JsonSerializable(typeof(LearnedCost))]
[JsonSerializable(typeof(ClusterBoard))]
public sealed partial class WireJson : JsonSerializerContext
{
    /// <summary>The version that is written; it changes when an older program would misread a form.</summary>
    public const int Version = 1;
}
