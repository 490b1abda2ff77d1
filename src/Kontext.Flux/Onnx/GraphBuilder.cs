using System.Runtime.InteropServices;
using Google.Protobuf;
using Kontext.Contracts.Tensors;
using Kontext.Flux.Onnx.Proto;
using Kontext.Flux.Weights;

namespace Kontext.Flux.Onnx;

/// <summary>
/// Writes one ONNX graph. Values are names; every operator returns the name of its result. Weights are external data:
/// the graph holds only the file name, offset and length of each tensor in its safetensors file.
/// </summary>
internal sealed class GraphBuilder(string name, WeightMap weights, Precision precision)
{
    /// <summary>ai.onnx operator set: 23 brought RMSNormalization and RotaryEmbedding.</summary>
    private const int OpsetVersion = 23;

    /// <summary>Version of the ONNX file format that opset 23 came with.</summary>
    private const int IrVersion = 11;

    /// <summary>ONNX Runtime's own operators, such as fused attention.</summary>
    public const string Contrib = "com.microsoft";

    private readonly GraphProto _graph = new() { Name = name };
    private readonly Dictionary<string, string> _constants = new(StringComparer.Ordinal);
    private int _values;

    /// <summary>The type the graph computes in.</summary>
    public Precision Precision => precision;

    /// <summary>Declares an input. Dimensions are numbers or the names of dynamic dimensions.</summary>
    public string Input(string input, DType dtype, params ReadOnlySpan<object> shape)
    {
        _graph.Input.Add(Describe(input, dtype, shape));
        return input;
    }

    /// <summary>Declares a value to be an output under a name of its own, as single precision.</summary>
    public void Output(string output, string value, params ReadOnlySpan<object> shape)
    {
        AddNode("Cast", [value], [output], domain: "", [("to", (long)OnnxTypes.NumberOf(DType.F32))]);
        _graph.Output.Add(Describe(output, DType.F32, shape));
    }

    /// <summary>An operator with one result.</summary>
    public string Op(string type, ReadOnlySpan<string> inputs, params ReadOnlySpan<(string, object)> attributes) =>
        Op(type, domain: "", inputs, attributes);

    /// <summary>An operator of ONNX Runtime's own with one result.</summary>
    public string ContribOp(
        string type,
        ReadOnlySpan<string> inputs,
        params ReadOnlySpan<(string, object)> attributes
    ) => Op(type, Contrib, inputs, attributes);

    /// <summary>Cuts a value into equal parts along an axis.</summary>
    public string[] Split(string value, int axis, int parts)
    {
        string[] outputs = [.. Enumerable.Range(0, parts).Select(_ => NextValue("split"))];
        AddNode("Split", [value], outputs, domain: "", [("axis", (long)axis), ("num_outputs", (long)parts)]);
        return outputs;
    }

    /// <summary>Cuts a value into parts of given sizes along an axis.</summary>
    public string[] Split(string value, int axis, params ReadOnlySpan<long> sizes)
    {
        string[] outputs = new string[sizes.Length];
        for (var i = 0; i < outputs.Length; i++)
        {
            outputs[i] = NextValue("split");
        }
        AddNode("Split", [value, Constant(sizes)], outputs, domain: "", [("axis", (long)axis)]);
        return outputs;
    }

    /// <summary>Converts to another element type.</summary>
    public string Cast(string value, DType to) => Op("Cast", [value], ("to", (long)OnnxTypes.NumberOf(to)));

    /// <summary>A weight as the graph computes with it.</summary>
    public string Weight(string weight) => Weight(weight, [.. weights.Locate(weight).Entry.Shape]);

    /// <summary>
    /// The first rows of a weight, or all of it under another shape, as the graph computes with it:
    /// the same bytes, seen as <paramref name="shape"/>.
    /// </summary>
    public string Weight(string weight, params ReadOnlySpan<long> shape)
    {
        var stored = StoredWeight(weight, shape);
        var dtype = weights.Locate(weight).Entry.DType;
        return dtype == precision.DType() ? stored : Once($"cast {stored}", () => Cast(stored, precision.DType()));
    }

    /// <summary>A weight as it is stored, for operators that only pick rows.</summary>
    public string StoredWeight(string weight) => StoredWeight(weight, [.. weights.Locate(weight).Entry.Shape]);

    /// <summary>A constant in the type the graph computes in.</summary>
    public string Scalar(float value) => Filled(value, []);

    /// <summary>A vector of equal values in the type the graph computes in.</summary>
    public string Filled(float value, params ReadOnlySpan<long> shape)
    {
        var count = 1L;
        foreach (var extent in shape)
        {
            count *= extent;
        }
        var values = new float[count];
        Array.Fill(values, value);
        var constant = Constant(values, shape);
        return precision == Precision.Float32
            ? constant
            : Once($"cast {constant}", () => Cast(constant, precision.DType()));
    }

    /// <summary>A single-precision constant.</summary>
    public string Constant(ReadOnlySpan<float> values, params ReadOnlySpan<long> shape) =>
        Constant(DType.F32, MemoryMarshal.AsBytes(values), shape);

    /// <summary>A vector of 64-bit integers.</summary>
    public string Constant(params ReadOnlySpan<long> values) =>
        Constant(DType.I64, MemoryMarshal.AsBytes(values), [values.Length]);

    /// <summary>One 64-bit integer.</summary>
    public string Integer(long value) => Constant(DType.I64, MemoryMarshal.AsBytes([value]), []);

    /// <summary>The finished model.</summary>
    public ModelProto Build() =>
        new()
        {
            IrVersion = IrVersion,
            ProducerName = "Kontext.Distributed",
            Graph = _graph,
            OpsetImport =
            {
                new OperatorSetIdProto { Domain = "", Version = OpsetVersion },
                new OperatorSetIdProto { Domain = Contrib, Version = 1 },
            },
        };

    private string Op(
        string type,
        string domain,
        ReadOnlySpan<string> inputs,
        ReadOnlySpan<(string, object)> attributes
    )
    {
        var output = NextValue(type);
        AddNode(type, inputs, [output], domain, attributes);
        return output;
    }

    private void AddNode(
        string type,
        ReadOnlySpan<string> inputs,
        ReadOnlySpan<string> outputs,
        string domain,
        ReadOnlySpan<(string, object)> attributes
    )
    {
        var node = new NodeProto
        {
            OpType = type,
            Domain = domain,
            Name = outputs[0],
        };
        node.Input.AddRange(inputs.ToArray());
        node.Output.AddRange(outputs.ToArray());
        foreach (var (attribute, value) in attributes)
        {
            node.Attribute.Add(Attribute(attribute, value));
        }
        _graph.Node.Add(node);
    }

    /// <summary>A weight as it is stored, or its first bytes, seen as <paramref name="shape"/>.</summary>
    public string StoredWeight(string weight, params ReadOnlySpan<long> shape)
    {
        var (fileName, entry) = weights.Locate(weight);
        long[] dims = shape.ToArray();
        var length = dims.Aggregate((long)entry.DType.Size(), (product, extent) => product * extent);
        if (length > entry.Length)
        {
            throw new Contracts.KontextException(
                Contracts.ErrorCode.WeightsInvalid,
                $"Tensor {entry} is smaller than [{string.Join(", ", dims)}], which its place in the model needs."
            );
        }
        var initializer = dims.SequenceEqual(entry.Shape) ? weight : $"{weight}[{string.Join(',', dims)}]";
        return Once(
            $"weight {initializer}",
            () =>
            {
                var tensor = new TensorProto
                {
                    Name = initializer,
                    DataType = OnnxTypes.NumberOf(entry.DType),
                    DataLocation = TensorProto.Types.DataLocation.External,
                    ExternalData =
                    {
                        new StringStringEntryProto { Key = "location", Value = fileName },
                        new StringStringEntryProto { Key = "offset", Value = entry.Offset.ToString() },
                        new StringStringEntryProto { Key = "length", Value = length.ToString() },
                    },
                };
                tensor.Dims.AddRange(dims);
                _graph.Initializer.Add(tensor);
                return initializer;
            }
        );
    }

    private string Constant(DType dtype, ReadOnlySpan<byte> bytes, ReadOnlySpan<long> shape)
    {
        var data = ByteString.CopyFrom(bytes);
        var dims = shape.ToArray();
        return Once(
            $"constant {dtype} [{string.Join(',', dims)}] {data.ToBase64()}",
            () =>
            {
                var tensor = new TensorProto
                {
                    Name = NextValue("constant"),
                    DataType = OnnxTypes.NumberOf(dtype),
                    RawData = data,
                };
                tensor.Dims.AddRange(dims);
                _graph.Initializer.Add(tensor);
                return tensor.Name;
            }
        );
    }

    /// <summary>Adds what the key describes only the first time it is asked for.</summary>
    private string Once(string key, Func<string> add)
    {
        if (!_constants.TryGetValue(key, out var value))
        {
            value = add();
            _constants.Add(key, value);
        }
        return value;
    }

    private string NextValue(string type) => $"{type}_{_values++}";

    private static AttributeProto Attribute(string name, object value)
    {
        var attribute = new AttributeProto { Name = name };
        switch (value)
        {
            case float number:
                attribute.Type = AttributeProto.Types.AttributeType.Float;
                attribute.F = number;
                break;
            case long number:
                attribute.Type = AttributeProto.Types.AttributeType.Int;
                attribute.I = number;
                break;
            case int number:
                attribute.Type = AttributeProto.Types.AttributeType.Int;
                attribute.I = number;
                break;
            case string text:
                attribute.Type = AttributeProto.Types.AttributeType.String;
                attribute.S = ByteString.CopyFromUtf8(text);
                break;
            case long[] numbers:
                attribute.Type = AttributeProto.Types.AttributeType.Ints;
                attribute.Ints.AddRange(numbers);
                break;
            default:
                throw new ArgumentException($"{value.GetType()} is not an attribute type.", nameof(value));
        }
        return attribute;
    }

    private static ValueInfoProto Describe(string name, DType dtype, ReadOnlySpan<object> shape)
    {
        var dims = new TensorShapeProto();
        foreach (var extent in shape)
        {
            dims.Dim.Add(
                extent is string dynamic
                    ? new TensorShapeProto.Types.Dimension { DimParam = dynamic }
                    : new TensorShapeProto.Types.Dimension { DimValue = Convert.ToInt64(extent) }
            );
        }
        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto
            {
                TensorType = new TypeProto.Types.Tensor { ElemType = OnnxTypes.NumberOf(dtype), Shape = dims },
            },
        };
    }
}
