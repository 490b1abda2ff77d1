namespace Kontext.Architecture.Tests;

/// <summary>Arrows point down, from the composition root to the vocabulary (docs: the house).</summary>
public sealed class DependencyTests
{
    /// <summary>
    /// From the bottom up. A project references projects of lower layers only: so the gateway, the coordinator and the
    /// worker never reference one another, and neither do the model, the decisions and the stores.
    /// </summary>
    private static readonly string[][] Layers =
    [
        ["Kontext.Contracts"],
        ["Kontext.Flux", "Kontext.Scheduling", "Kontext.Storage", "Kontext.Messaging", "Kontext.Outbound"],
        ["Kontext.Coordinator", "Kontext.Worker", "Kontext.Gateway"],
        ["Kontext.Cli"],
    ];

    private static readonly string[] Messaging = ["MassTransit", "RabbitMQ"];
    private static readonly string[] Web = ["Microsoft.AspNetCore", "Swashbuckle"];
    private static readonly string[] Stores = ["StackExchange.Redis", "Minio", "AWSSDK", "Microsoft.Garnet"];
    private static readonly string[] Everything = [""];

    /// <summary>Where hosts, configuration and logging are; what of it is used shows in the assembly.</summary>
    private const string SharedFramework = "Microsoft.AspNetCore.App";

    /// <summary>What a project must never take in, whatever it would be handy for.</summary>
    private static readonly Dictionary<string, string[]> Forbidden = new()
    {
        ["Kontext.Contracts"] = Everything,
        ["Kontext.Scheduling"] = Everything,
        ["Kontext.Flux"] = [.. Messaging, .. Web, .. Stores],
        ["Kontext.Storage"] = [.. Messaging, .. Web],
        ["Kontext.Messaging"] = [.. Web, .. Stores],
        ["Kontext.Outbound"] = [.. Messaging, .. Web, .. Stores, "Microsoft.ML.OnnxRuntime"],
        ["Kontext.Coordinator"] = [.. Messaging, .. Stores, "Microsoft.ML.OnnxRuntime"],
        ["Kontext.Worker"] = [.. Messaging, .. Stores],
        ["Kontext.Gateway"] = [.. Messaging, .. Stores, "Microsoft.ML.OnnxRuntime"],
        ["Kontext.Cli"] = [],
    };

    [Fact]
    public void Every_project_has_its_layer() =>
        Repository.SourceProjects.Select(project => project.Name).ShouldBeSubsetOf(Layers.SelectMany(layer => layer));

    [Fact]
    public void A_project_references_projects_of_lower_layers_only()
    {
        foreach (var project in Repository.SourceProjects)
        {
            project.Projects.ShouldBeSubsetOf(Below(project), project.Name);
        }
    }

    [Fact]
    public void What_is_built_uses_lower_layers_only()
    {
        var names = Repository.SourceProjects.ToDictionary(project => project.AssemblyName, project => project.Name);
        foreach (var project in Repository.SourceProjects)
        {
            var used = project.Assembly.GetReferencedAssemblies().Select(assembly => assembly.Name!);
            used.Where(names.ContainsKey).Select(name => names[name]).ShouldBeSubsetOf(Below(project), project.Name);
        }
    }

    [Fact]
    public void No_project_takes_in_what_is_kept_from_it()
    {
        foreach (var project in Repository.SourceProjects)
        {
            var assemblies = project.Assembly.GetReferencedAssemblies().Select(assembly => assembly.Name!);
            foreach (var forbidden in Forbidden[project.Name])
            {
                project
                    .Packages.Where(package => package != SharedFramework)
                    .ShouldNotContain(package => package.StartsWith(forbidden), $"{project}: {forbidden}");
                // Everything else includes the runtime itself, which no one can do without.
                if (forbidden.Length > 0)
                {
                    assemblies.ShouldNotContain(name => name.StartsWith(forbidden), $"{project}: {forbidden}");
                }
            }
        }
    }

    [Fact]
    public void The_command_is_where_everything_comes_together()
    {
        var all = Repository.SourceProjects.ToDictionary(project => project.Name);
        Reached("Kontext.Cli").Order().ShouldBe(all.Keys.Order());

        HashSet<string> Reached(string name) => [name, .. all[name].Projects.SelectMany(Reached)];
    }

    private static IEnumerable<string> Below(SourceProject project) =>
        Layers.TakeWhile(layer => !layer.Contains(project.Name)).SelectMany(layer => layer);
}
