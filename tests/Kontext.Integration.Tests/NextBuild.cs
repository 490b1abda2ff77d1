using System.Diagnostics;
using Kontext.Servers;

namespace Kontext.Integration.Tests;

/// <summary>
/// The program with the next minor version of its wire form: built from a copy of the vocabulary in which every form that has a
/// version has a field more, as a release would that adds one. What else it is made of is the very same.
/// </summary>
internal sealed class NextBuild : IDisposable
{
    /// <summary>Name of the field on the wire.</summary>
    public const string Field = "of_next_release";

    private const string Project = "Kontext.Contracts";
    private const string VersionLine = "    public int V { get; init; } = WireJson.Version;\n";

    private const string FieldLines = """

            /// <summary>What only the next release knows.</summary>
            public OfNextRelease? OfNextRelease { get; init; } = new("text", 1, new("nested", 2));

        """;

    private const string FieldType = """
        namespace Kontext.Contracts;

        /// <summary>What only the next release knows.</summary>
        /// <param name="Text">A text.</param>
        /// <param name="Number">A number.</param>
        /// <param name="Inner">Another.</param>
        public sealed record OfNextRelease(string Text, int Number, OfNextRelease? Inner = null);

        """;

    /// <summary>Forms that have a version: fewer, and the search for them has gone wrong.</summary>
    private const int LeastForms = 10;

    private readonly string _folder = Directory.CreateTempSubdirectory("kontext-next-").FullName;

    private NextBuild() { }

    /// <summary>The program.</summary>
    public string Executable => Path.Combine(_folder, "program", Path.GetFileName(KontextServer.Executable));

    /// <summary>Builds it.</summary>
    public static async Task<NextBuild> CreateAsync(CancellationToken cancellationToken)
    {
        var build = new NextBuild();
        build.CopySources();
        // Style is looked at elsewhere.
        string[] options = ["-p:RunAnalyzers=false", "-p:TreatWarningsAsErrors=false", "-nodeReuse:false"];
        await RunAsync(
            "dotnet",
            build._folder,
            ["build", $"src/{Project}", "-c", "Release", "-o", "built", .. options],
            cancellationToken
        );
        var program = Path.GetDirectoryName(KontextServer.Executable)!;
        await RunAsync("cp", build._folder, ["-a", program, "program"], cancellationToken);
        File.Copy(build.At($"built/{Project}.dll"), build.At($"program/{Project}.dll"), overwrite: true);
        return build;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string At(string path) => Path.Combine(_folder, path);

    private void CopySources()
    {
        var sources = Path.Combine(KontextServer.Repository, "src", Project);
        var forms = 0;
        foreach (var file in Directory.EnumerateFiles(sources, "*.cs*", SearchOption.AllDirectories))
        {
            var path = Path.GetRelativePath(KontextServer.Repository, file);
            if (!path.Contains("/obj/") && !path.Contains("/bin/"))
            {
                var text = File.ReadAllText(file);
                forms += text.Split(VersionLine).Length - 1;
                Write(path, text.Replace(VersionLine, VersionLine + FieldLines));
            }
        }
        forms.ShouldBeGreaterThanOrEqualTo(LeastForms);
        Write($"src/{Project}/OfNextRelease.cs", FieldType);
        string[] settings = ["Directory.Build.props", "Directory.Packages.props", "global.json", "eng/Source.props"];
        foreach (var path in settings)
        {
            Write(path, File.ReadAllText(Path.Combine(KontextServer.Repository, path)));
        }
    }

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        File.WriteAllText(At(path), text);
    }

    private static async Task RunAsync(
        string program,
        string folder,
        string[] arguments,
        CancellationToken cancellationToken
    )
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
        };
        // What runs these tests may be a build itself, whose settings are not for this one.
        foreach (
            var name in start
                .Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase))
                .ToArray()
        )
        {
            start.Environment.Remove(name);
        }
        // A build server would outlive the test.
        start.Environment["UseSharedCompilation"] = "false";
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        process.ExitCode.ShouldBe(0, output);
    }
}
