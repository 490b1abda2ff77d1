using System.Text.RegularExpressions;

namespace Kontext.Architecture.Tests;

public sealed partial class NamingTests
{
    /// <summary>Names that say nothing of what is inside, so that everything ends up inside.</summary>
    private static readonly string[] Drawers =
    [
        "Common",
        "Core",
        "Shared",
        "Misc",
        "Util",
        "Utils",
        "Utilities",
        "Helper",
        "Helpers",
    ];

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        foreach (var name in Repository.SourceProjects.Select(project => project.Name).Concat(Repository.TestProjects))
        {
            Repository.Solution.ShouldContain($"\\{name}.csproj\"", Case.Sensitive, name);
        }
    }

    [Fact]
    public void Every_project_has_tests_of_its_own() =>
        Repository.SourceProjects.Select(project => $"{project}.Tests").ShouldBeSubsetOf(Repository.TestProjects);

    [Fact]
    public void A_project_holds_the_namespaces_of_its_name_only()
    {
        foreach (var project in Repository.SourceProjects)
        {
            // Program has no namespace where its statements stand alone in a file.
            var namespaces = project.Types.Select(type => type.Namespace ?? project.Name).Distinct();
            namespaces.ShouldAllBe(name => $"{name}.".StartsWith($"{project.Name}."));
        }
    }

    [Fact]
    public void A_file_lies_in_the_folder_of_its_namespace()
    {
        foreach (var project in Repository.SourceProjects)
        {
            foreach (var file in project.Files)
            {
                var folder = Path.GetRelativePath(Repository.Root, Path.GetDirectoryName(file)!);
                var expected = folder["src/".Length..].Replace('/', '.');
                var declared = Namespace().Match(File.ReadAllText(file));
                (declared.Success ? declared.Groups[1].Value : expected).ShouldBe(expected, file);
            }
        }
    }

    [Fact]
    public void Nothing_is_named_as_a_drawer_for_everything()
    {
        foreach (var project in Repository.SourceProjects)
        {
            var namespaces = project.Types.Select(type => type.Namespace ?? "").Distinct();
            namespaces.SelectMany(name => name.Split('.')).Intersect(Drawers).ShouldBeEmpty(project.Name);
            var types = project.Types.Select(type => type.Name);
            types
                .Where(name => Drawers.Append("Manager").Any(drawer => name.EndsWith(drawer)))
                .ShouldBeEmpty(project.Name);
        }
    }

    [Fact]
    public void No_file_is_longer_than_can_be_read_at_a_sitting()
    {
        const int MostLines = 400;
        var files = Repository.SourceProjects.SelectMany(project => project.Files).ToArray();
        files.Length.ShouldBeGreaterThan(50);
        files.Where(file => File.ReadLines(file).Count() > MostLines).ShouldBeEmpty();
    }

    [GeneratedRegex(@"^namespace ([\w.]+)[;\s]", RegexOptions.Multiline)]
    private static partial Regex Namespace();
}
