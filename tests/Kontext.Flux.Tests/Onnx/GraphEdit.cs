using Google.Protobuf;
using Kontext.Contracts.Tensors;
using Kontext.Flux.Onnx;
using Kontext.Flux.Onnx.Proto;

namespace Kontext.Flux.Tests.Onnx;

/// <summary>Changes to a graph, to make of ours what other programs export.</summary>
internal static class GraphEdit
{
    /// <summary>A graph without weights of its own, to join with others.</summary>
    public static ModelProto Of(Action<GraphBuilder> build)
    {
        var builder = new GraphBuilder("export", null!, Precision.Float32);
        build(builder);
        return builder.Build();
    }

    /// <summary>Adds another graph's operators and weights; its inputs and outputs are known by the names given.</summary>
    public static void Join(this ModelProto model, string prefix, ModelProto other, Dictionary<string, string> names)
    {
        foreach (var node in other.Graph.Node.Select(node => node.Clone()))
        {
            Map(node.Input);
            Map(node.Output);
            node.Name = $"{prefix}/{node.Name}";
            model.Graph.Node.Add(node);
        }
        foreach (var tensor in other.Graph.Initializer)
        {
            var added = tensor.Clone();
            // Weights keep their names, as exporters do; two graphs may share one.
            if (tensor.DataLocation != TensorProto.Types.DataLocation.External)
            {
                added.Name = NameOf(tensor.Name);
            }
            if (model.Graph.Initializer.All(known => known.Name != added.Name))
            {
                model.Graph.Initializer.Add(added);
            }
        }

        void Map(IList<string> values)
        {
            for (var i = 0; i < values.Count; i++)
            {
                values[i] = NameOf(values[i]);
            }
        }

        string NameOf(string value) =>
            value.Length == 0 ? value
            : names.TryGetValue(value, out var known) ? known
            : other.Graph.Initializer.Any(tensor =>
                tensor.Name == value && tensor.DataLocation == TensorProto.Types.DataLocation.External
            )
                ? value
            : $"{prefix}/{value}";
    }

    /// <summary>Gives an input or output another name.</summary>
    public static void Rename(this ModelProto model, string from, string to)
    {
        foreach (var value in model.Graph.Input.Concat(model.Graph.Output).Where(value => value.Name == from))
        {
            value.Name = to;
        }
        foreach (var node in model.Graph.Node)
        {
            Replace(node.Input);
            Replace(node.Output);
        }

        void Replace(IList<string> values)
        {
            for (var i = 0; i < values.Count; i++)
            {
                values[i] = values[i] == from ? to : values[i];
            }
        }
    }

    /// <summary>Lets a graph take or give another type than it computes with.</summary>
    public static void Retype(this ModelProto model, string name, DType type)
    {
        var inside = $"{name}/inside";
        var isInput = model.Graph.Input.Any(value => value.Name == name);
        var port = model.Graph.Input.Concat(model.Graph.Output).Single(value => value.Name == name);
        var (old, shape) = (port.Type.TensorType.ElemType, port.Type.TensorType.Shape);
        model.Rename(name, inside);
        port.Name = name;
        port.Type = new()
        {
            TensorType = new() { ElemType = OnnxTypes.NumberOf(type), Shape = shape },
        };
        var cast = new NodeProto
        {
            OpType = "Cast",
            Input = { isInput ? name : inside },
            Output = { isInput ? inside : name },
            Attribute =
            {
                new AttributeProto
                {
                    Name = "to",
                    Type = AttributeProto.Types.AttributeType.Int,
                    I = isInput ? old : OnnxTypes.NumberOf(type),
                },
            },
        };
        model.Graph.Node.Insert(isInput ? 0 : model.Graph.Node.Count, cast);
    }

    /// <summary>Fixes a dimension of an input or output, or frees it.</summary>
    public static void Fix(this ModelProto model, string name, int axis, long? extent) =>
        model.Graph.Input.Concat(model.Graph.Output).Single(value => value.Name == name).Type.TensorType.Shape.Dim[
            axis
        ] = extent is { } fixedTo ? new() { DimValue = fixedTo } : new() { DimParam = $"{name}_{axis}" };

    /// <summary>Writes a graph whose weights lie in one file beside it.</summary>
    /// <param name="model">The graph.</param>
    /// <param name="weights">The safetensors file that its weights lie in.</param>
    /// <param name="folder">Receives <c>model.onnx</c> and the other.</param>
    /// <param name="data">Name of the file with weights.</param>
    public static void WriteWithData(this ModelProto model, string weights, string folder, string data)
    {
        foreach (var entry in model.Graph.Initializer.SelectMany(tensor => tensor.ExternalData))
        {
            entry.Value = entry.Key == "location" ? data : entry.Value;
        }
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, data))!);
        File.Copy(weights, Path.Combine(folder, data));
        model.WriteTo(folder);
    }

    /// <summary>Writes a graph that holds its weights itself.</summary>
    public static void WriteWhole(this ModelProto model, string weights, string folder)
    {
        var bytes = File.ReadAllBytes(weights);
        foreach (var tensor in model.Graph.Initializer.Where(tensor => tensor.ExternalData.Count > 0))
        {
            var (offset, length) = (Number(tensor, "offset"), Number(tensor, "length"));
            tensor.RawData = ByteString.CopyFrom(bytes, offset, length);
            tensor.ExternalData.Clear();
            tensor.DataLocation = TensorProto.Types.DataLocation.Default;
        }
        Directory.CreateDirectory(folder);
        model.WriteTo(folder);

        static int Number(TensorProto tensor, string key) =>
            int.Parse(tensor.ExternalData.Single(entry => entry.Key == key).Value);
    }

    /// <summary>Writes a graph as it is.</summary>
    public static void WriteTo(this ModelProto model, string folder) =>
        File.WriteAllBytes(Path.Combine(folder, "model.onnx"), model.ToByteArray());
}
