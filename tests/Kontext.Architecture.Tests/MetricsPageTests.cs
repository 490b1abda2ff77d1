using System.Reflection;
using System.Text.RegularExpressions;
using Kontext.Contracts.Telemetry;

namespace Kontext.Architecture.Tests;

/// <summary>The page of metrics and the names in the code are the same.</summary>
public sealed partial class MetricsPageTests
{
    private static IEnumerable<string> Names =>
        typeof(MetricNames)
            .GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(name => (string)name.GetRawConstantValue()!);

    [Fact]
    public void Every_metric_has_its_row_and_every_row_its_metric()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "metrics.md"));
        Row().Matches(page).Select(row => row.Groups[1].Value).Order().ShouldBe(Names.Order());
    }

    [Fact]
    public void Every_name_is_used_once_to_make_an_instrument()
    {
        var code = string.Concat(
            Repository.SourceProjects.SelectMany(project => project.Files).Select(File.ReadAllText)
        );
        var made = Made().Matches(code).Select(use => use.Groups[1].Value);
        made.Order().ShouldBe(typeof(MetricNames).GetFields().Select(field => field.Name).Order());
    }

    [GeneratedRegex(@"^\| `(kontext\.[a-z_.]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"MetricNames\.(\w+)")]
    private static partial Regex Made();
}
