using System.Text.Json;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;

namespace Kontext.Contracts.Telemetry;

using Label = KeyValuePair<string, object?>;

/// <summary>The labels of metrics, with bounded values. To make one allocates nothing.</summary>
public static class MetricLabels
{
    /// <summary>The code where nothing is wrong.</summary>
    public const string NoCode = "none";

    /// <summary>A model, by its name: a job's and a lane's.</summary>
    public static Label Model(ModelRef model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new("model", model.Name);
    }

    /// <summary>A model, by its name.</summary>
    public static Label Model(string name) => new("model", name);

    /// <summary>A tenant, as <see cref="TenantLabels"/> names it.</summary>
    public static Label Tenant(string name) => new("tenant", name);

    /// <summary>An error code, or what stands in its place.</summary>
    public static Label Code(string name) => new("code", name);

    /// <summary>The shape of a sample, in tokens.</summary>
    public static Label Shape(string shape) => new("shape", shape);

    /// <summary>A stage.</summary>
    public static Label Of(Stage stage) => new("stage", Name(stage));

    /// <summary>A size class.</summary>
    public static Label Of(SizeClass size) => new("size", Name(size));

    /// <summary>A priority.</summary>
    public static Label Of(Priority priority) => new("priority", Name(priority));

    /// <summary>How a job ended.</summary>
    public static Label Of(JobOutcome outcome) => new("outcome", Name(outcome));

    /// <summary>How something ended.</summary>
    public static Label Result<T>(T result)
        where T : struct, Enum => new("result", Name(result));

    /// <summary>Where something stands.</summary>
    public static Label State(string state) => new("state", state);

    /// <summary>A value of an enumeration as it stands on the wire.</summary>
    public static string Name<T>(T value)
        where T : struct, Enum => Names<T>.Of[value];

    private static class Names<T>
        where T : struct, Enum
    {
        public static readonly IReadOnlyDictionary<T, string> Of = Enum.GetValues<T>()
            .ToDictionary(value => value, value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));
    }
}
