using System.Text.Json;
using Kontext.Contracts;
using Kontext.Scheduling.Simulation;

namespace Kontext.Cli.Simulation;

/// <summary>Scenarios: those that come with the program, and people's own.</summary>
internal static class ScenarioFiles
{
    private const string Prefix = "Kontext.Cli.Simulation.Scenarios.";
    private const string Suffix = ".json";

    /// <summary>Names of those that come with the program.</summary>
    public static IEnumerable<string> Names =>
        typeof(ScenarioFiles)
            .Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(name => name[Prefix.Length..^Suffix.Length])
            .Order(StringComparer.Ordinal);

    /// <summary>One by its name, or a file.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.FileNotFound"/>, <see cref="ErrorCode.InputInvalid"/>.</exception>
    public static Scenario Read(string nameOrFile)
    {
        using var resource = typeof(ScenarioFiles).Assembly.GetManifestResourceStream($"{Prefix}{nameOrFile}{Suffix}");
        if (resource is null)
        {
            return Scenario.Parse(ReadFile(nameOrFile));
        }
        using var content = new MemoryStream();
        resource.CopyTo(content);
        return Scenario.Parse(content.ToArray());
    }

    /// <summary>A trace: one job a line.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.FileNotFound"/>, <see cref="ErrorCode.InputInvalid"/>.</exception>
    public static IReadOnlyList<TracedJob> ReadTrace(string file)
    {
        List<TracedJob> jobs = [];
        var text = System.Text.Encoding.UTF8.GetString(ReadFile(file));
        foreach (var (line, number) in text.Split('\n').Select((line, i) => (line, i + 1)))
        {
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }
            try
            {
                jobs.Add(JsonSerializer.Deserialize(line, ScenarioJson.Default.TracedJob)!);
            }
            catch (JsonException error)
            {
                throw new KontextException(
                    ErrorCode.InputInvalid,
                    $"Line {number} of '{file}' is no job: {error.Message}",
                    error
                );
            }
        }
        return jobs.Count > 0 ? jobs : throw new KontextException(ErrorCode.InputInvalid, $"'{file}' holds no jobs.");
    }

    private static byte[] ReadFile(string file)
    {
        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KontextException(
                ErrorCode.FileNotFound,
                $"'{file}' is neither a file that can be read nor one of: {string.Join(", ", Names)}.",
                error
            );
        }
    }
}
