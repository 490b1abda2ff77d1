using System.Xml.Linq;

namespace Kontext.Architecture.Tests;

/// <summary>The repository these tests were built from.</summary>
internal static class Repository
{
    /// <summary>The folder of the solution.</summary>
    public static string Root { get; } = FindRoot(AppContext.BaseDirectory);

    /// <summary>The solution's text.</summary>
    public static string Solution { get; } = File.ReadAllText(Path.Combine(Root, "Kontext.Distributed.sln"));

    /// <summary>Every project under src.</summary>
    public static IReadOnlyList<SourceProject> SourceProjects { get; } =
    [.. ProjectFiles("src").Select(SourceProject.Read)];

    /// <summary>Names of the projects under tests.</summary>
    public static IReadOnlyList<string> TestProjects { get; } =
    [.. ProjectFiles("tests").Select(file => Path.GetFileNameWithoutExtension(file))];

    /// <summary>Every package and its version, as the central list has them, with properties filled in.</summary>
    public static IReadOnlyList<(string Package, string Version)> PackageVersions { get; } = ReadPackageVersions();

    private static IEnumerable<string> ProjectFiles(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*.csproj", SearchOption.AllDirectories).Order();

    private static List<(string, string)> ReadPackageVersions()
    {
        var central = XDocument.Load(Path.Combine(Root, "Directory.Packages.props")).Root!;
        var properties = central
            .Elements("PropertyGroup")
            .Elements()
            .ToDictionary(property => $"$({property.Name.LocalName})", property => property.Value);
        return
        [
            .. central
                .Descendants("PackageVersion")
                .Select(package =>
                    (
                        package.Attribute("Include")!.Value,
                        properties.Aggregate(
                            package.Attribute("Version")!.Value,
                            (version, property) =>
                                version.Replace(property.Key, property.Value, StringComparison.Ordinal)
                        )
                    )
                ),
        ];
    }

    private static string FindRoot(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Kontext.Distributed.sln")))
            {
                return folder.FullName;
            }
        }
        throw new InvalidOperationException($"No folder above '{start}' holds Kontext.Distributed.sln.");
    }
}
