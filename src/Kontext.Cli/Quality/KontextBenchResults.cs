using System.Text.Json;
using Kontext.Contracts;

namespace Kontext.Cli.Quality;

/// <summary>The text of <c>results.jsonl</c>.</summary>
internal static class KontextBenchResults
{
    /// <summary>One line for each result.</summary>
    public static string Write(IEnumerable<KontextBenchResult> results) =>
        string.Concat(
            results.Select(result =>
                JsonSerializer.Serialize(result, KontextBenchResultJson.Default.KontextBenchResult) + '\n'
            )
        );

    /// <summary>
    /// Reads the results, each key once. A last line without its end, which a run leaves that dies while it writes, is
    /// left out.
    /// </summary>
    /// <exception cref="KontextException">
    /// <see cref="ErrorCode.OutputUnwritable"/>: they are not results of this set with these settings.
    /// </exception>
    public static IEnumerable<KontextBenchResult> Read(
        string text,
        string path,
        KontextBenchSet set,
        KontextBenchSettings settings
    )
    {
        var pairs = set.Pairs.ToDictionary(pair => pair.Key, StringComparer.Ordinal);
        return text.Split('\n')[..^1].Select((line, number) => Parse(line, number)).DistinctBy(result => result.Key);

        KontextBenchResult Parse(string line, int number)
        {
            try
            {
                var result =
                    JsonSerializer.Deserialize(line, KontextBenchResultJson.Default.KontextBenchResult)
                    ?? throw new JsonException("it is empty");
                if (Difference(result.Settings, settings) is { } difference)
                {
                    throw Refused($"'{path}' holds results with {difference}.");
                }
                return
                    pairs.TryGetValue(result.Key, out var pair)
                    && result.IsOf(pair)
                    && result.Output == KontextBenchFolder.OutputOf(pair)
                    ? result
                    : throw Refused($"'{path}' holds results of another set: pair '{result.Key}' differs.");
            }
            catch (JsonException error)
            {
                throw Refused($"Line {number + 1} of '{path}' is not a result: {error.Message}", error);
            }
        }
    }

    /// <summary>The first setting that differs, in words.</summary>
    private static string? Difference(KontextBenchSettings theirs, KontextBenchSettings ours)
    {
        (string Name, object Theirs, object Ours)[] settings =
        [
            ("model", theirs.Model, ours.Model),
            ("model digest", theirs.Digest, ours.Digest),
            ("device", theirs.Device, ours.Device),
            ("precision", theirs.Precision, ours.Precision),
            ("steps", theirs.Steps, ours.Steps),
            ("guidance", theirs.Guidance, ours.Guidance),
            ("seed", theirs.Seed, ours.Seed),
            ("turns", theirs.Turns, ours.Turns),
        ];
        var (name, before, now) = settings.FirstOrDefault(setting => !setting.Theirs.Equals(setting.Ours));
        return name is null ? null : $"{name} {before}, not {now}";
    }

    private static KontextException Refused(string message, Exception? inner = null) =>
        new(ErrorCode.OutputUnwritable, message, inner);
}
