using System.Reflection;
using System.Runtime.CompilerServices;
using System.Xml.Linq;

namespace Kontext.Architecture.Tests;

/// <summary>A project under src, as its file describes it.</summary>
/// <param name="Name">For example <c>Kontext.Flux</c>; also its root namespace.</param>
/// <param name="Folder">Where it lies.</param>
/// <param name="AssemblyName">Name of what it builds.</param>
/// <param name="Projects">Names of the projects it references.</param>
/// <param name="Packages">Packages and shared frameworks it references.</param>
internal sealed record SourceProject(
    string Name,
    string Folder,
    string AssemblyName,
    IReadOnlyList<string> Projects,
    IReadOnlyList<string> Packages
)
{
    /// <summary>Its C# files, those the build generates left out.</summary>
    public IEnumerable<string> Files =>
        Directory
            .EnumerateFiles(Folder, "*.cs", SearchOption.AllDirectories)
            .Where(file => Path.GetRelativePath(Folder, file).Split('/')[0] is not ("bin" or "obj"));

    /// <summary>What it builds, which lies beside the tests because the command references everything.</summary>
    public Assembly Assembly => Assembly.Load(AssemblyName);

    /// <summary>The types somebody wrote, as opposed to those that the compiler and its generators added.</summary>
    public IEnumerable<Type> Types =>
        Assembly
            .GetTypes()
            .Where(type => !type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false))
            .Where(type => !type.FullName!.Contains('<') && type.Namespace?.EndsWith(".Generated") != true);

    public static SourceProject Read(string file)
    {
        var project = XDocument.Load(file).Root!;
        // A web project has the framework without saying so.
        string[] implied =
            project.Attribute("Sdk")!.Value == "Microsoft.NET.Sdk.Web" ? ["Microsoft.AspNetCore.App"] : [];
        var name = Path.GetFileNameWithoutExtension(file);
        return new(
            name,
            Path.GetDirectoryName(file)!,
            project.Descendants("AssemblyName").SingleOrDefault()?.Value ?? name,
            [.. Included(project, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path))],
            [.. Included(project, "PackageReference"), .. Included(project, "FrameworkReference"), .. implied]
        );
    }

    /// <summary>The name, which is what a failing test shows.</summary>
    public override string ToString() => Name;

    private static IEnumerable<string> Included(XElement project, string item) =>
        project.Descendants(item).Select(reference => reference.Attribute("Include")!.Value);
}
