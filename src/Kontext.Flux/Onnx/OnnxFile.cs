using System.Globalization;
using Google.Protobuf;
using Kontext.Contracts;
using Kontext.Contracts.Tensors;
using Kontext.Flux.Onnx.Proto;

namespace Kontext.Flux.Onnx;

/// <summary>
/// What an ONNX file says of itself: inputs, outputs, operators, and which tensors lie where. Their numbers are not read,
/// so that a graph of gigabytes costs no memory.
/// </summary>
internal sealed class OnnxFile
{
    private readonly List<OnnxWeight> _weights = [];
    private readonly HashSet<(string Domain, string Type)> _operators = [];

    /// <summary>Types that values are cast to before they are used.</summary>
    private readonly Dictionary<string, int> _casts = new(StringComparer.Ordinal);

    private OnnxFile(string path, ModelOutline model)
    {
        Path = path;
        Collect(model.Graph);
        Collect(model.Functions.SelectMany(function => function.Node));
        // Files of old versions list weights among the inputs.
        var stored = model.Graph.Initializer.Select(tensor => tensor.Name).ToHashSet(StringComparer.Ordinal);
        Inputs = [.. model.Graph.Input.Where(input => !stored.Contains(input.Name))];
        Outputs = model.Graph.Output;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>What the graph takes.</summary>
    public IReadOnlyList<ValueInfoProto> Inputs { get; }

    /// <summary>What it gives.</summary>
    public IReadOnlyList<ValueInfoProto> Outputs { get; }

    /// <summary>All tensors that are stored.</summary>
    public IReadOnlyList<OnnxWeight> Weights => _weights;

    /// <summary>Files with tensors, named from the graph's folder.</summary>
    public IEnumerable<string> DataFiles =>
        _weights.Select(weight => weight.Location).OfType<string>().Distinct(StringComparer.Ordinal);

    /// <summary>What the graph computes in.</summary>
    public GraphPrecision Precision =>
        Uses("FP4") || _weights.Exists(weight => weight.Type == OnnxTypes.Float4) ? GraphPrecision.Float4
        : Uses("FP8") || _weights.Exists(weight => OnnxTypes.IsFloat8(weight.Type)) ? GraphPrecision.Float8
        : MostUsedAs() switch
        {
            DType.BF16 => GraphPrecision.BFloat16,
            DType.F16 => GraphPrecision.Float16,
            _ => GraphPrecision.Float32,
        };

    /// <summary>Whether it has operators that TensorRT alone knows, or types that it alone computes in.</summary>
    public bool NeedsTensorRt =>
        Precision is GraphPrecision.Float8 or GraphPrecision.Float4
        || _operators.Any(one => one.Domain.StartsWith("trt", StringComparison.Ordinal));

    /// <summary>Whether it draws random numbers, as an encoder does that samples its latents.</summary>
    public bool IsRandom => _operators.Any(one => MeanGraph.RandomOperators.Contains(one.Type));

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="fault">What it is if the content is wrong.</param>
    /// <exception cref="KontextException">
    /// <see cref="ErrorCode.FileNotFound"/>: it cannot be read. <paramref name="fault"/>: it is no ONNX graph.
    /// </exception>
    public static OnnxFile Read(string path, ErrorCode fault)
    {
        try
        {
            using var stream = File.OpenRead(path);
            var model = ModelOutline.Parser.WithDiscardUnknownFields(true).ParseFrom(stream);
            return model.Graph is null
                ? throw new KontextException(fault, $"'{path}' holds no ONNX graph.")
                : new(path, model);
        }
        catch (InvalidProtocolBufferException error)
        {
            throw new KontextException(fault, $"'{path}' is no ONNX file: {error.Message}", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KontextException(ErrorCode.FileNotFound, $"'{path}' cannot be read: {error.Message}", error);
        }
    }

    private void Collect(GraphOutline graph)
    {
        _weights.AddRange(graph.Initializer.Select(Weight));
        Collect(graph.Node);
    }

    private void Collect(IEnumerable<NodeOutline> nodes)
    {
        foreach (var node in nodes)
        {
            _operators.Add((node.Domain, node.OpType));
            if (node is { OpType: "Cast", Input: [var value] })
            {
                _casts[value] = (int)(node.Attribute.FirstOrDefault(one => one.Name == "to")?.I ?? 0);
            }
            foreach (var attribute in node.Attribute)
            {
                _weights.AddRange(attribute.Tensors.Select(Weight));
                if (attribute.T is { } tensor)
                {
                    _weights.Add(Weight(tensor));
                }
                foreach (var graph in attribute.Graphs)
                {
                    Collect(graph);
                }
                if (attribute.G is { } inner)
                {
                    Collect(inner);
                }
            }
        }
    }

    private bool Uses(string word) =>
        _operators.Any(one => one.Type.Contains(word, StringComparison.OrdinalIgnoreCase));

    /// <summary>The type that most weights have where they are used: one that is cast is stored so, and no more.</summary>
    private DType? MostUsedAs() =>
        _weights
            .Select(weight =>
                (Type: OnnxTypes.TypeOf(_casts.GetValueOrDefault(weight.Name, weight.Type)), weight.Count)
            )
            .Where(weight => weight.Type is DType.F32 or DType.F16 or DType.BF16)
            .GroupBy(weight => weight.Type)
            .MaxBy(type => type.Sum(weight => weight.Count))
            ?.Key;

    private OnnxWeight Weight(TensorOutline tensor)
    {
        if (tensor.DataLocation != TensorProto.Types.DataLocation.External)
        {
            return new(tensor.Name, tensor.DataType, tensor.Dims, null, 0);
        }
        var whole = new OnnxWeight(tensor.Name, tensor.DataType, tensor.Dims, Value("location") ?? "", 0);
        return whole with { End = Number("offset", 0) + Number("length", whole.Bytes) };

        string? Value(string key) => tensor.ExternalData.FirstOrDefault(entry => entry.Key == key)?.Value;

        long Number(string key, long otherwise) =>
            long.TryParse(Value(key), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? number
                : otherwise;
    }
}
