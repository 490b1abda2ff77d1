using System.Text.Json;
using Kontext.Contracts;

namespace Kontext.Scheduling.Simulation;

/// <summary>What is simulated: devices, tenants and the work that comes. The form of its file is described in docs/capacity.md.</summary>
/// <remarks>Its properties can be set, as those of its parts: generated readers leave what is init-only without its default.</remarks>
public sealed record Scenario
{
    /// <summary>Seed of everything that is drawn: the same seed, the same run.</summary>
    public int Seed { get; set; } = 1;

    /// <summary>How workers use their devices.</summary>
    public EngineMode Engine { get; set; } = EngineMode.Steps;

    /// <summary>Jobs after which no more come.</summary>
    public int Jobs { get; set; } = 1000;

    /// <summary>Jobs at the beginning that are run and not counted.</summary>
    public int WarmUpJobs { get; set; }

    /// <summary>The kinds of work.</summary>
    public required IReadOnlyList<SimulatedShape> Shapes { get; init; }

    /// <summary>The workers.</summary>
    public required IReadOnlyList<SimulatedWorkers> Workers { get; init; }

    /// <summary>Tenants that are not of weight 1 or are limited.</summary>
    public IReadOnlyList<SimulatedTenant> Tenants { get; set; } = [];

    /// <summary>What comes.</summary>
    public required IReadOnlyList<SimulatedLoad> Loads { get; init; }

    /// <summary>Share of the jobs with a goal that a sweep wants to see reach it.</summary>
    public double SloTarget { get; set; } = 0.95;

    /// <summary>Whether the end of every job is estimated when it is accepted, and compared.</summary>
    public bool MeasureEta { get; set; }

    /// <summary>Reads a scenario.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.InputInvalid"/>, with what is wrong.</exception>
    public static Scenario Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            var scenario = JsonSerializer.Deserialize(json, ScenarioJson.Default.Scenario);
            return scenario?.Check() ?? throw Invalid("it is empty");
        }
        catch (JsonException error)
        {
            throw Invalid(error.Message);
        }
    }

    /// <summary>The scenario itself, if it can be used.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.InputInvalid"/>, with what is wrong.</exception>
    public Scenario Check()
    {
        var names = Shapes.Select(shape => shape?.Name).ToHashSet(StringComparer.Ordinal);
        string? problem = this switch
        {
            { Shapes: [] } or { Workers: [] } or { Loads: [] } => "it needs shapes, workers and loads",
            _ when Shapes.Contains(null!)
                    || Workers.Contains(null!)
                    || Tenants.Contains(null!)
                    || Loads.Contains(null!) => "one of its parts is null",
            { Jobs: < 1 or > 10_000_000 } => "jobs takes 1 to 10,000,000",
            { WarmUpJobs: < 0 } => "warm_up_jobs is less than 0",
            { SloTarget: <= 0 or > 1 } => "slo_target takes more than 0, up to 1",
            _ when names.Count < Shapes.Count => "two shapes have one name",
            _ => Shapes
                .Select(shape => shape.Problem)
                .Concat(Workers.Select(workers => workers.Problem))
                .Concat(Tenants.Select(tenant => tenant.Problem))
                .Concat(Loads.Select(load => load.Problem(names!)))
                .FirstOrDefault(found => found is not null),
        };
        return problem is null ? this : throw Invalid(problem);
    }

    private static KontextException Invalid(string reason) =>
        new(ErrorCode.InputInvalid, $"The scenario cannot be used: {reason}.");
}
