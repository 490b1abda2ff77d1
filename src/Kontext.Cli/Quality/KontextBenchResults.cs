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
    /// <see cref="ErrorCode.OutputUnwritable"/>: they are not results of this set on these terms.
    /// </exception>
    public static IEnumerable<KontextBenchResult> Read(
        string text,
        string path,
        KontextBenchSet set,
        KontextBenchTerms terms
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
                if (terms.Difference(result.Settings) is { } difference)
                {
                    throw Refused($"'{path}' holds results with {difference}.");
                }
                terms = KontextBenchTerms.Exactly(result.Settings);
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

    private static KontextException Refused(string message, Exception? inner = null) =>
        new(ErrorCode.OutputUnwritable, message, inner);
}
