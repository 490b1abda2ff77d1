using System.Reflection;
using System.Runtime.CompilerServices;
using Kontext.Contracts.Telemetry;

namespace Kontext.Contracts.Tests.Telemetry;

/// <summary>What is in traces is in <c>docs/traces.md</c>, and the other way round.</summary>
public sealed class TraceNamesTests
{
    private static readonly string Page = File.ReadAllText(
        Path.Combine(Path.GetDirectoryName(Here())!, "..", "..", "..", "docs", "traces.md")
    );

    [Fact]
    public void Every_span_and_every_attribute_is_documented()
    {
        foreach (var name in Names(typeof(SpanName)).Concat(Names(typeof(SpanAttribute))))
        {
            Page.ShouldContain($"`{name}`", Case.Sensitive, name);
        }
    }

    [Fact]
    public void No_name_is_used_twice() =>
        // A step is an event and, of that event, the number.
        Names(typeof(SpanName)).Except([SpanName.StepEvent]).Concat(Names(typeof(SpanAttribute))).ShouldBeUnique();

    private static IEnumerable<string> Names(Type type) =>
        type.GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!);

    private static string Here([CallerFilePath] string path = "") => path;
}
