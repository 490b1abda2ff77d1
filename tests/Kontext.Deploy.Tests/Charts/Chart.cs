using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Kontext.Servers;

namespace Kontext.Deploy.Tests.Charts;

/// <summary>The chart, rendered.</summary>
internal static class Chart
{
    /// <summary>Path of the chart.</summary>
    public static string Folder { get; } = Path.Combine(KontextServer.Repository, "helm", "kontext");

    /// <summary>The values that are tried: none of one's own, and each example.</summary>
    public static TheoryData<string> Values =>
        [
            "",
            .. Directory
                .EnumerateFiles(Path.Combine(Folder, "examples"), "*.yaml")
                .Select(Path.GetFileName)
                .OfType<string>()
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>The arguments of helm for values.</summary>
    /// <param name="values">A file of the examples, or nothing.</param>
    public static IEnumerable<string> Arguments(string values) =>
        values.Length > 0 ? ["--values", Path.Combine(Folder, "examples", values)] : [];

    /// <summary>What each set of values makes, rendered once; nobody changes it.</summary>
    private static readonly ConcurrentDictionary<string, Lazy<Task<IReadOnlyList<JsonObject>>>> Rendered = new();

    /// <summary>Renders it.</summary>
    /// <param name="values">A file of the examples, or nothing.</param>
    public static Task<IReadOnlyList<JsonObject>> RenderAsync(string values, CancellationToken cancellationToken) =>
        Rendered
            .GetOrAdd(values, _ => new(() => RenderWithAsync(Arguments(values), CancellationToken.None)))
            .Value.WaitAsync(cancellationToken);

    /// <summary>Renders it with arguments of helm.</summary>
    public static async Task<IReadOnlyList<JsonObject>> RenderWithAsync(
        IEnumerable<string> arguments,
        CancellationToken cancellationToken
    )
    {
        var (code, output, error) = await DeployTools.HelmAsync(
            ["template", "kontext", Folder, .. arguments],
            cancellationToken
        );
        code.ShouldBe(0, error);
        return Yaml.ReadAll(output);
    }

    /// <summary>Objects of a kind.</summary>
    public static IEnumerable<JsonObject> OfKind(this IEnumerable<JsonObject> objects, string kind) =>
        objects.Where(item => item.Text("kind") == kind);

    /// <summary>An object's name.</summary>
    public static string Name(this JsonObject item) => item.Text("metadata", "name")!;

    /// <summary>Templates of all pods, with the name of what makes them.</summary>
    public static IEnumerable<(string Name, JsonNode Template)> Pods(this IEnumerable<JsonObject> objects) =>
        objects
            .Where(item => item.Text("kind") is "Deployment" or "StatefulSet" or "Job")
            .Select(item => ($"{item.Text("kind")} {item.Name()}", item.At("spec", "template")!));

    /// <summary>All containers of a pod, those that run first too.</summary>
    public static IEnumerable<JsonNode> Containers(this JsonNode template) =>
        template.Items("spec", "initContainers").Concat(template.Items("spec", "containers")).OfType<JsonNode>();

    /// <summary>Whether a container runs this program.</summary>
    public static bool RunsKontext(this JsonNode container) =>
        container.Text("image")!.StartsWith("kontext-", StringComparison.Ordinal);
}
