using System.Text.Json;
using System.Text.Json.Serialization;
using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;

namespace Kontext.Scheduling.Simulation;

/// <summary>How scenarios and reports are written: snake case; what is read is taken exactly or refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DictionaryKeyPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    WriteIndented = true,
    Converters = [
        typeof(SnakeCaseEnumConverter<EngineMode>),
        typeof(SnakeCaseEnumConverter<Priority>),
        typeof(SnakeCaseEnumConverter<Stage>),
        typeof(SnakeCaseEnumConverter<SizeClass>),
    ]
)]
[JsonSerializable(typeof(Scenario))]
[JsonSerializable(typeof(SimulationReport))]
[JsonSerializable(typeof(TracedJob))]
public sealed partial class ScenarioJson : JsonSerializerContext;
