using System.Text.Json;
using System.Text.RegularExpressions;

namespace Kontext.Integration.Tests.Telemetry;

/// <summary>An expression of a dashboard's panel.</summary>
/// <param name="Panel">Dashboard and panel, for whoever reads a failure.</param>
/// <param name="Expression">With Grafana's variables filled in: every value, and times that a test lives to see.</param>
/// <param name="Labels">Labels that its legend names.</param>
internal sealed record PanelQuery(string Panel, string Expression, IReadOnlyList<string> Labels);

/// <summary>Dashboards as Grafana reads them.</summary>
internal static partial class Dashboard
{
    /// <summary>The expressions of all panels of all dashboards of a folder.</summary>
    public static IReadOnlyList<PanelQuery> QueriesOf(string folder) =>
        [
            .. from file in Directory.EnumerateFiles(folder, "*.json").Order()
            let dashboard = JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(file))
            let values = Values(dashboard)
            from panel in dashboard.GetProperty("panels").EnumerateArray()
            where panel.TryGetProperty("targets", out _)
            from target in panel.GetProperty("targets").EnumerateArray()
            select new PanelQuery(
                $"{dashboard.GetProperty("title")} / {panel.GetProperty("title")}",
                Fill(target.GetProperty("expr").GetString()!, values),
                [
                    .. Legend()
                        .Matches(target.GetProperty("legendFormat").GetString()!)
                        .Select(label => label.Groups[1].Value),
                ]
            ),
        ];

    /// <summary>The queries that fill the variables of all dashboards: metric and label.</summary>
    public static IReadOnlyList<(string Metric, string Label)> VariablesOf(string folder) =>
        [
            .. from file in Directory.EnumerateFiles(folder, "*.json")
            let dashboard = JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(file))
            from variable in Variables(dashboard)
            where variable.GetProperty("type").GetString() == "query"
            let query = Values().Match(variable.GetProperty("query").GetProperty("query").GetString()!)
            select (query.Groups[1].Value, query.Groups[2].Value),
        ];

    private static Dictionary<string, string> Values(JsonElement dashboard) =>
        Variables(dashboard)
            .Where(variable => variable.GetProperty("type").GetString() == "query")
            .ToDictionary(
                variable => $"${variable.GetProperty("name")}",
                variable => variable.GetProperty("includeAll").GetBoolean() ? ".*" : "default"
            );

    private static IEnumerable<JsonElement> Variables(JsonElement dashboard) =>
        dashboard.GetProperty("templating").GetProperty("list").EnumerateArray();

    private static string Fill(string expression, Dictionary<string, string> values)
    {
        values["$__rate_interval"] = "2m";
        values["$__range"] = "10m";
        return values.Aggregate(expression, (text, value) => text.Replace(value.Key, value.Value));
    }

    [GeneratedRegex(@"\{\{(\w+)\}\}")]
    private static partial Regex Legend();

    [GeneratedRegex(@"^label_values\((\w+), (\w+)\)$")]
    private static partial Regex Values();
}
