using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Kontext.Architecture.Tests;

public sealed partial class PackageTests
{
    [Fact]
    public void Every_version_is_exact()
    {
        Repository.PackageVersions.ShouldContain(package => package.Package == "Microsoft.ML.OnnxRuntime");
        foreach (var (package, version) in Repository.PackageVersions)
        {
            ExactVersion().IsMatch(version).ShouldBeTrue($"{package} {version}");
        }
    }

    [Fact]
    public void Versions_are_kept_in_one_place()
    {
        var files = Directory.EnumerateFiles(Repository.Root, "*.csproj", SearchOption.AllDirectories);
        foreach (var file in files)
        {
            var references = XDocument.Load(file).Descendants("PackageReference");
            references.ShouldAllBe(reference => reference.Attribute("Version") == null, file);
        }
    }

    /// <summary>From version 9 on MassTransit is not free to use.</summary>
    [Fact]
    public void MassTransit_stays_on_its_free_line() =>
        Repository
            .PackageVersions.Where(package => package.Package.StartsWith("MassTransit"))
            .ShouldAllBe(package => package.Version.StartsWith("[8."));

    [GeneratedRegex(@"^\[\d+(\.\d+)+(-[0-9A-Za-z.-]+)?\]$")]
    private static partial Regex ExactVersion();
}
