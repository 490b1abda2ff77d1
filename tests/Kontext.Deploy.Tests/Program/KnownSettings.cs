using System.Text.RegularExpressions;
using Kontext.Servers;

namespace Kontext.Deploy.Tests.Program;

/// <summary>
/// The settings that the program reads, as its source names them: sections that are bound to records, names in full, connection
/// strings, variables of the environment.
/// </summary>
internal static partial class KnownSettings
{
    private static readonly IReadOnlyList<string> Sources =
    [
        .. Directory
            .EnumerateFiles(Path.Combine(KontextServer.Repository, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Contains("/obj/") && !path.Contains("/bin/"))
            .Select(File.ReadAllText),
    ];

    /// <summary>Names as environment variables have them, <c>Section__Name</c>.</summary>
    public static IReadOnlySet<string> All { get; } = Find().Select(name => name.Replace(":", "__")).ToHashSet();

    /// <summary>What a rolled-out section of options holds; nested records are found by their own names.</summary>
    private static IEnumerable<string> Find()
    {
        foreach (var source in Sources)
        {
            foreach (Match name in FullName().Matches(source))
            {
                yield return name.Groups[1].Value;
            }
            foreach (Match variable in Variable().Matches(source))
            {
                yield return variable.Groups[1].Value;
            }
            var section =
                Section().Match(source) is { Success: true } match ? match.Groups[1].Value
                : source.Contains("record WorkerOptions") ? "Worker"
                : null;
            foreach (Match property in section is null ? [] : Property().Matches(source).AsEnumerable())
            {
                yield return $"{section}:{property.Groups[1].Value}";
            }
        }
        yield return "ConnectionStrings:RabbitMq";
    }

    [GeneratedRegex("\"([A-Z][A-Za-z]+(?::[A-Z][A-Za-z]+)+)\"")]
    private static partial Regex FullName();

    [GeneratedRegex("GetEnvironmentVariable\\(\"([A-Z_]+)\"\\)")]
    private static partial Regex Variable();

    [GeneratedRegex("const string Section = \"([A-Za-z]+)\"")]
    private static partial Regex Section();

    [GeneratedRegex(@"public [\w<>?, \[\]]+ (\w+) \{ get; ")]
    private static partial Regex Property();
}
