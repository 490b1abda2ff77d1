using System.Globalization;
using Kontext.Contracts;

namespace Kontext.Flux.Weights;

/// <summary>
/// The weights of one part of a model: which tensor lies in which file. A part may be spread over several files.
/// </summary>
internal sealed class WeightMap : IDisposable
{
    private readonly List<SafetensorsFile> _files = [];
    private readonly Dictionary<SafetensorsFile, string> _fileNames = [];
    private readonly Dictionary<string, (SafetensorsFile File, TensorEntry Entry)> _tensors = new(
        StringComparer.Ordinal
    );

    private WeightMap() { }

    /// <summary>Metadata of all files.</summary>
    public IEnumerable<KeyValuePair<string, string>> Metadata => _files.SelectMany(file => file.Metadata);

    /// <summary>Names of all tensors.</summary>
    public IReadOnlyCollection<string> Names => _tensors.Keys;

    /// <summary>Opens all files of a part.</summary>
    public static WeightMap Open(params IReadOnlyList<string> paths) =>
        Open(paths, [.. paths.Select(path => Path.GetFileName(path))]);

    /// <summary>Opens all files of a part that graphs will know by other names.</summary>
    public static WeightMap Open(IReadOnlyList<string> paths, IReadOnlyList<string> names)
    {
        var map = new WeightMap();
        try
        {
            foreach (var (path, name) in paths.Zip(names))
            {
                var file = SafetensorsFile.Open(path, ErrorCode.WeightsInvalid);
                map._files.Add(file);
                map._fileNames.Add(file, name);
                foreach (var entry in file.Tensors.Values)
                {
                    if (!map._tensors.TryAdd(entry.Name, (file, entry)))
                    {
                        throw new KontextException(
                            ErrorCode.WeightsInvalid,
                            $"Tensor '{entry.Name}' is in '{path}' and in '{map._tensors[entry.Name].File.Path}'."
                        );
                    }
                }
            }
            return map;
        }
        catch
        {
            map.Dispose();
            throw;
        }
    }

    /// <summary>The files' paths, for messages.</summary>
    public string Files => string.Join(", ", _files.Select(file => $"'{file.Path}'"));

    /// <summary>Gives tensors, or parts of them, the names a layout says; what it names nothing is left out.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.WeightsInvalid"/>: two tensors get one name.</exception>
    public void Rename(Func<TensorEntry, IEnumerable<TensorEntry>> names)
    {
        var stored = _tensors.Values.ToArray();
        _tensors.Clear();
        foreach (var (file, entry) in stored)
        {
            foreach (var named in names(entry))
            {
                if (!_tensors.TryAdd(named.Name, (file, named)))
                {
                    throw new KontextException(
                        ErrorCode.WeightsInvalid,
                        $"'{file.Path}' holds '{named.Name}' twice, under the names of two layouts."
                    );
                }
            }
        }
    }

    /// <summary>Whether there is a tensor of this name.</summary>
    public bool Has(string name) => _tensors.ContainsKey(name);

    /// <summary>The shape of a tensor, which must have the given rank.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.WeightsInvalid"/>: no such tensor, or another rank.</exception>
    public IReadOnlyList<long> Shape(string name, int rank)
    {
        var (_, entry) = Find(name);
        return entry.Shape.Count == rank
            ? entry.Shape
            : throw new KontextException(ErrorCode.WeightsInvalid, $"Tensor {entry} should have {rank} dimensions.");
    }

    /// <summary>How many consecutive numbers from 0 appear in <paramref name="prefix"/>number<paramref name="suffix"/>.</summary>
    /// <exception cref="KontextException">
    /// <see cref="ErrorCode.WeightsInvalid"/>: a tensor has a larger number, so that one before it is missing.
    /// </exception>
    public int CountOf(string prefix, string suffix)
    {
        var count = 0;
        while (Has($"{prefix}{count}{suffix}"))
        {
            count++;
        }
        return Names.FirstOrDefault(name => NumberAfter(prefix, name) >= count) is { } beyond
            ? throw new KontextException(
                ErrorCode.WeightsInvalid,
                $"Tensor '{prefix}{count}{suffix}' is missing from {Files}, which hold '{beyond}'."
            )
            : count;
    }

    /// <summary>The number that follows a prefix in a name, or −1.</summary>
    private static int NumberAfter(string prefix, string name)
    {
        if (!name.StartsWith(prefix, StringComparison.Ordinal))
        {
            return -1;
        }
        var digits = name.AsSpan(prefix.Length);
        digits = digits[..(digits.IndexOf('.') is var dot and >= 0 ? dot : digits.Length)];
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
    }

    /// <summary>A tensor and the name by which graphs know the file that holds it.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.WeightsInvalid"/>: no such tensor.</exception>
    public (string FileName, TensorEntry Entry) Locate(string name)
    {
        var (file, entry) = Find(name);
        return (_fileNames[file], entry);
    }

    /// <summary>Copies part of a tensor's bytes, from a byte counted from the tensor's start.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.WeightsInvalid"/>: no such tensor, or it cannot be read.</exception>
    public void Copy(string name, long from, Span<byte> destination)
    {
        var (file, entry) = Find(name);
        file.Copy(entry, from, destination);
    }

    /// <inheritdoc/>
    public void Dispose() => _files.ForEach(file => file.Dispose());

    private (SafetensorsFile File, TensorEntry Entry) Find(string name) =>
        _tensors.TryGetValue(name, out var found)
            ? found
            : throw new KontextException(ErrorCode.WeightsInvalid, $"Tensor '{name}' is missing from {Files}.");
}
