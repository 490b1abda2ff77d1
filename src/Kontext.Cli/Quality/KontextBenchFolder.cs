using System.Text;
using System.Text.Json;
using Kontext.Cli.Commands;
using Kontext.Contracts;
using Kontext.Flux.Files;
using Kontext.Flux.Images;

namespace Kontext.Cli.Quality;

/// <summary>
/// Where results of KontextBench gather: pictures and <c>results.jsonl</c>, to which each finished pair adds a line after its
/// pictures are written. A run that was stopped at any point goes on from what the file names. One run at a time, which may
/// finish several pairs at once.
/// </summary>
internal sealed class KontextBenchFolder : IDisposable
{
    private const string Outputs = "outputs";
    private const string Turns = "turns";
    private const string Sheets = "sheets";

    /// <summary>Longest side of a turn's picture: many turns are beside each other.</summary>
    private const int MaxTurnTile = 512;

    private readonly string _path;
    private readonly FileStream _file;
    private readonly Dictionary<string, KontextBenchResult> _results;
    private readonly Lock _adding = new();

    /// <summary>What all results have in common, all of it known from the first one on.</summary>
    private KontextBenchTerms _terms;

    private KontextBenchFolder(
        string path,
        KontextBenchTerms terms,
        FileStream file,
        Dictionary<string, KontextBenchResult> results
    )
    {
        _path = path;
        _file = file;
        _results = results;
        _terms = results.Count == 0 ? terms : KontextBenchTerms.Exactly(results.Values.First().Settings);
    }

    /// <summary>What is finished, by key.</summary>
    public IReadOnlyDictionary<string, KontextBenchResult> Results => _results;

    /// <summary>Where a pair's output lies, from the folder.</summary>
    public static string OutputOf(KontextBenchPair pair) => $"{Outputs}/{pair.Key}.png";

    /// <summary>Opens a folder: a new one, or one with results of the same set on the same terms.</summary>
    /// <exception cref="KontextException">
    /// <see cref="ErrorCode.OutputUnwritable"/>: that, or the folder holds other results or is in use.
    /// </exception>
    public static KontextBenchFolder Open(string path, KontextBenchSet set, KontextBenchTerms terms)
    {
        var resultsPath = Path.Combine(path, "results.jsonl");
        var file = OpenFile(resultsPath);
        try
        {
            var text = new StreamReader(file, Encoding.UTF8).ReadToEnd();
            var results = KontextBenchResults
                .Read(text, resultsPath, set, terms)
                // Whoever deletes a picture wants it made again.
                .Where(result => File.Exists(Path.Combine(path, result.Output)))
                .ToDictionary(result => result.Key, StringComparer.Ordinal);
            var whole = KontextBenchResults.Write(results.Values);
            if (whole != text)
            {
                AtomicFile.Write(resultsPath, Encoding.UTF8.GetBytes(whole));
                file.Dispose();
                file = OpenFile(resultsPath);
            }
            file.Seek(0, SeekOrigin.End);
            return new(path, terms, file, results);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Writes a pair's pictures and then, so that no line is without them, its line.</summary>
    /// <param name="result">The line.</param>
    /// <param name="output">The first turn's picture.</param>
    /// <param name="later">Pictures of later turns.</param>
    /// <exception cref="KontextException">
    /// <see cref="ErrorCode.OutputUnwritable"/>: that, or the result was not made as those before it.
    /// </exception>
    public void Add(
        KontextBenchResult result,
        RgbImage output,
        IReadOnlyList<(RgbImage Pixels, RgbImage Latents)> later
    )
    {
        lock (_adding)
        {
            if (_terms.Difference(result.Settings) is { } difference)
            {
                throw new KontextException(
                    ErrorCode.OutputUnwritable,
                    $"Pair '{result.Key}' was made with {difference} as the results before it in '{_path}'."
                );
            }
            _terms = KontextBenchTerms.Exactly(result.Settings);
        }
        WritePicture(result.Output, output, result.Seed);
        if (later.Count > 0)
        {
            var tile = Math.Min(MaxTurnTile, Math.Max(output.Width, output.Height));
            RgbImage[] pixels = [output, .. later.Select(turn => turn.Pixels)];
            RgbImage[] latents = [output, .. later.Select(turn => turn.Latents)];
            WritePicture($"{Turns}/{result.Key}.png", Collage.Grid([pixels, latents], tile, tile), result.Seed);
        }
        lock (_adding)
        {
            AddLine(result);
        }
    }

    /// <summary>Reads the output of a pair that is finished.</summary>
    public RgbImage Output(KontextBenchPair pair) => ImageDecoder.DecodeFile(Path.Combine(_path, OutputOf(pair)));

    /// <summary>Writes the contact sheet of a category.</summary>
    public void WriteSheet(string category, ContactSheet sheet)
    {
        var words = category.ToLowerInvariant().Split([' ', '-'], StringSplitOptions.RemoveEmptyEntries);
        WritePicture($"{Sheets}/{string.Join('-', words)}.png", sheet.Draw(), _terms.Seed);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static FileStream OpenFile(string path)
    {
        CreateFolder(Path.GetDirectoryName(path)!);
        try
        {
            return new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Unwritable(path, error.Message, error);
        }
    }

    private static void CreateFolder(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw Unwritable(folder, error.Message, error);
        }
    }

    private static KontextException Unwritable(string path, string reason, Exception inner) =>
        new(ErrorCode.OutputUnwritable, $"'{path}' cannot be written: {reason}", inner);

    private void AddLine(KontextBenchResult result)
    {
        try
        {
            _file.Write(Encoding.UTF8.GetBytes(KontextBenchResults.Write([result])));
            _file.Flush(flushToDisk: true);
        }
        catch (IOException error)
        {
            throw Unwritable(_file.Name, error.Message, error);
        }
        _results[result.Key] = result;
    }

    private void WritePicture(string name, RgbImage picture, long seed)
    {
        var path = Path.Combine(_path, name);
        CreateFolder(Path.GetDirectoryName(path)!);
        var provenance = new Provenance(Edited: true, _terms.Model!, seed, Provenance.ThisProgram);
        AtomicFile.Write(path, ImageEncoder.Encode(picture, ImageFormat.Png, provenance));
    }
}
