using System.Text.Json;
using Kontext.Contracts.Tensors;

namespace Kontext.Flux.Weights;

/// <summary>
/// The header of a safetensors file: a JSON object that names every tensor's type, shape and byte range.
/// Format: 8 bytes header length (little endian), header, data. Nothing in it is trusted: ranges must fill the data
/// exactly, without holes or overlaps, and agree with type and shape.
/// </summary>
internal sealed record SafetensorsHeader(
    IReadOnlyDictionary<string, TensorEntry> Tensors,
    IReadOnlyDictionary<string, string> Metadata
)
{
    /// <summary>The reference implementation's limit; a header beyond it is an attack or an accident.</summary>
    public const long MaxHeaderBytes = 100_000_000;

    private const int MaxRank = 16;

    /// <summary>Reads and checks a header.</summary>
    /// <param name="json">The header's bytes.</param>
    /// <param name="dataOffset">Where the data starts in the file.</param>
    /// <param name="dataLength">Bytes of data.</param>
    /// <exception cref="FormatException">The header is not valid; the message says where.</exception>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> json, long dataOffset, long dataLength)
    {
        var tensors = new Dictionary<string, TensorEntry>(StringComparer.Ordinal);
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 4 });
            Expect(ref reader, JsonTokenType.StartObject, "the header");
            while (ReadName(ref reader, out var name))
            {
                if (name == "__metadata__")
                {
                    ReadMetadata(ref reader, metadata);
                }
                else if (!tensors.TryAdd(name, ReadTensor(ref reader, name, dataOffset, dataLength)))
                {
                    throw new FormatException($"tensor '{name}' appears twice");
                }
            }
            if (reader.Read())
            {
                throw new FormatException("there is text after the header's closing brace");
            }
        }
        // InvalidOperationException: a string that is not valid UTF-8 or UTF-16.
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new FormatException($"the header is not valid JSON: {error.Message}", error);
        }
        CheckCoverage(tensors.Values, dataOffset, dataLength);
        return new(tensors, metadata);
    }

    private static void ReadMetadata(ref Utf8JsonReader reader, Dictionary<string, string> metadata)
    {
        Expect(ref reader, JsonTokenType.StartObject, "__metadata__");
        while (ReadName(ref reader, out var key))
        {
            Expect(ref reader, JsonTokenType.String, $"__metadata__ '{key}'");
            metadata[key] = reader.GetString()!;
        }
    }

    private static TensorEntry ReadTensor(ref Utf8JsonReader reader, string name, long dataOffset, long dataLength)
    {
        if (name.Length == 0 || name.Any(char.IsControl))
        {
            throw new FormatException("a tensor's name is empty or holds control characters");
        }
        Expect(ref reader, JsonTokenType.StartObject, $"tensor '{name}'");
        DType? dtype = null;
        long[]? shape = null;
        long[]? range = null;
        while (ReadName(ref reader, out var field))
        {
            switch (field)
            {
                case "dtype":
                    Expect(ref reader, JsonTokenType.String, $"dtype of '{name}'");
                    dtype = DTypes.TryParse(reader.GetString()!, out var parsed)
                        ? parsed
                        : throw new FormatException($"tensor '{name}' has unknown dtype '{reader.GetString()}'");
                    break;
                case "shape":
                    shape = ReadIntegers(ref reader, $"shape of '{name}'");
                    break;
                case "data_offsets":
                    range = ReadIntegers(ref reader, $"data_offsets of '{name}'");
                    break;
                default:
                    throw new FormatException($"tensor '{name}' has unknown field '{field}'");
            }
        }
        if (dtype is null || shape is null || range is not { Length: 2 })
        {
            throw new FormatException($"tensor '{name}' needs dtype, shape and two data_offsets");
        }
        if (range[0] > range[1] || range[1] > dataLength)
        {
            throw new FormatException(
                $"tensor '{name}' lies at {range[0]}..{range[1]}, outside the {dataLength} bytes of data"
            );
        }
        if (ByteLength(dtype.Value, shape) != range[1] - range[0])
        {
            throw new FormatException(
                $"tensor '{name}' is {dtype.Value.Name()}[{string.Join(", ", shape)}] but has {range[1] - range[0]} bytes"
            );
        }
        return new(name, dtype.Value, shape, dataOffset + range[0], range[1] - range[0]);
    }

    /// <summary>Bytes a tensor takes, or −1 if that overflows.</summary>
    private static long ByteLength(DType dtype, long[] shape)
    {
        try
        {
            return shape.Aggregate((long)dtype.Size(), (product, extent) => checked(product * extent));
        }
        catch (OverflowException)
        {
            return -1;
        }
    }

    private static void CheckCoverage(IEnumerable<TensorEntry> tensors, long dataOffset, long dataLength)
    {
        var end = dataOffset;
        foreach (var tensor in tensors.OrderBy(tensor => tensor.Offset).ThenBy(tensor => tensor.Length))
        {
            if (tensor.Offset != end)
            {
                throw new FormatException($"tensor '{tensor.Name}' overlaps another or leaves a hole before it");
            }
            end += tensor.Length;
        }
        if (end != dataOffset + dataLength)
        {
            throw new FormatException($"{dataOffset + dataLength - end} bytes at the end belong to no tensor");
        }
    }

    private static long[] ReadIntegers(ref Utf8JsonReader reader, string what)
    {
        Expect(ref reader, JsonTokenType.StartArray, what);
        var values = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (
                reader.TokenType != JsonTokenType.Number
                || !reader.TryGetInt64(out var value)
                || value < 0
                || values.Count == MaxRank
            )
            {
                throw new FormatException($"{what} must be at most {MaxRank} whole numbers, none negative");
            }
            values.Add(value);
        }
        return [.. values];
    }

    /// <summary>Reads the next property name; false at the end of the object.</summary>
    private static bool ReadName(ref Utf8JsonReader reader, out string name)
    {
        name = string.Empty;
        if (!reader.Read() || reader.TokenType == JsonTokenType.EndObject)
        {
            return false;
        }
        name = reader.GetString()!;
        return true;
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType token, string what)
    {
        if (!reader.Read() || reader.TokenType != token)
        {
            throw new FormatException($"{what} is not a JSON {token}");
        }
    }
}
