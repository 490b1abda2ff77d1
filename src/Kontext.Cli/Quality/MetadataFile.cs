using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Kontext.Contracts;

namespace Kontext.Cli.Quality;

/// <summary>A file of one JSON object a line that describes a folder of pictures, as Hugging Face's imagefolder has it.</summary>
internal static class MetadataFile
{
    /// <summary>What such a file is called.</summary>
    public const string Name = "metadata.jsonl";

    private const long MaxBytes = 64 << 20;

    /// <summary>Reads all lines.</summary>
    /// <param name="path">The file.</param>
    /// <param name="type">The type of a line.</param>
    /// <param name="check">Takes a line and its number from 0; throws <see cref="JsonException"/> with what is wrong with it.</param>
    /// <exception cref="KontextException">
    /// <see cref="ErrorCode.FileNotFound"/>, or <see cref="ErrorCode.InputInvalid"/> with the line that is wrong, or if
    /// there is none.
    /// </exception>
    public static IReadOnlyList<T> Read<T>(string path, JsonTypeInfo<T> type, Func<T, int, T> check)
        where T : class
    {
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
            {
                throw new KontextException(ErrorCode.InputInvalid, $"'{path}' has over {MaxBytes} bytes.");
            }
            T[] lines = [.. File.ReadLines(path).Select((line, number) => Parse(line, number, path, type, check))];
            return lines.Length > 0
                ? lines
                : throw new KontextException(ErrorCode.InputInvalid, $"'{path}' names no pairs.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KontextException(ErrorCode.FileNotFound, $"'{path}' cannot be read: {error.Message}", error);
        }
    }

    /// <summary>Whether a line names a file that lies within the folder.</summary>
    public static bool IsWithin(string name) =>
        name.Length > 0 && !name.Contains('\0') && !Path.IsPathRooted(name) && !name.Split('/', '\\').Contains("..");

    private static T Parse<T>(string line, int number, string path, JsonTypeInfo<T> type, Func<T, int, T> check)
        where T : class
    {
        try
        {
            var read = JsonSerializer.Deserialize(line, type) ?? throw new JsonException("it is empty");
            return check(read, number);
        }
        catch (JsonException error)
        {
            throw new KontextException(
                ErrorCode.InputInvalid,
                $"Line {number + 1} of '{path}' is not a pair: {error.Message}",
                error
            );
        }
    }
}
