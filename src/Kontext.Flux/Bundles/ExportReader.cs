using Kontext.Contracts;
using Kontext.Flux.Onnx;
using Kontext.Flux.Onnx.Proto;

namespace Kontext.Flux.Bundles;

/// <summary>Recognises an exported graph by its inputs and outputs, whoever exported it.</summary>
internal static class ExportReader
{
    /// <summary>What a folder's graph is called by all exporters.</summary>
    public const string ModelFile = "model.onnx";

    /// <summary>The graph that a path stands for: an ONNX file, or a folder that holds one and no safetensors files.</summary>
    /// <returns>The file; null if the path stands for something else.</returns>
    public static string? Find(string path)
    {
        if (File.Exists(path))
        {
            return path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase) ? path : null;
        }
        var model = Path.Combine(path, ModelFile);
        return File.Exists(model) && !Directory.EnumerateFiles(path, "*.safetensors").Any() ? model : null;
    }

    /// <summary>Describes a graph; its file gets a name later.</summary>
    /// <exception cref="KontextException">
    /// <see cref="ErrorCode.WeightsInvalid"/>: it is not of this kind, or cannot be fed; it is named with what was expected.
    /// </exception>
    public static ExportedGraph Describe(GraphKind kind, OnnxFile graph)
    {
        var expected = $"a {kind.Name()} graph";
        var roles = PortRole.InputsOf(kind);
        var inputs = new SortedDictionary<string, GraphPort>(StringComparer.Ordinal);
        foreach (var role in roles)
        {
            if (Match(role, graph.Inputs, "input") is { } port)
            {
                inputs.Add(role.Role, port);
            }
        }
        if (graph.Inputs.FirstOrDefault(input => inputs.Values.All(port => port.Name != input.Name)) is { } unknown)
        {
            var known = string.Join(", ", roles.Select(role => role.Names[0]));
            throw Wrong($"has an input '{unknown.Name}', which is not known here; {expected} takes {known}");
        }
        var output = PortRole.OutputOf(kind);
        return new()
        {
            File = "",
            Precision = graph.Precision,
            NeedsTensorRt = graph.NeedsTensorRt,
            Inputs = inputs,
            Outputs = new SortedDictionary<string, GraphPort>(StringComparer.Ordinal)
            {
                [output.Role] = Match(output, graph.Outputs, "output")!,
            },
        };

        GraphPort? Match(PortRole role, IReadOnlyList<ValueInfoProto> values, string what)
        {
            var value = role
                .Names.Select(name => values.FirstOrDefault(one => one.Name == name))
                .FirstOrDefault(one => one is not null);
            if (value is null)
            {
                return role.IsOptional
                    ? null
                    : throw Wrong(
                        $"has no {what} {string.Join(" or ", role.Names)}, as {expected} must; "
                            + $"its {what}s are {string.Join(", ", values.Select(one => one.Name))}"
                    );
            }
            var tensor = value.Type?.TensorType;
            var type = OnnxTypes.TypeOf(tensor?.ElemType ?? 0);
            long?[] shape = tensor?.Shape is { } given
                ? [.. given.Dim.Select(dim => dim.DimValue > 0 ? dim.DimValue : (long?)null)]
                : new long?[role.Ranks[0]];
            return type is { } known && role.Types.Contains(known) && role.Ranks.Contains(shape.Length)
                ? new(value.Name, known, shape)
                : throw Wrong(
                    $"has the {what} '{value.Name}' of {shape.Length} dimensions and type {type?.ToString() ?? "unknown"}; "
                        + $"expected are {string.Join(" or ", role.Ranks)} dimensions and {string.Join(" or ", role.Types)}"
                );
        }

        KontextException Wrong(string what) => new(ErrorCode.WeightsInvalid, $"'{graph.Path}' {what}.");
    }

    /// <summary>The files that hold a graph's weights, as they are named from its folder.</summary>
    /// <exception cref="KontextException">
    /// <see cref="ErrorCode.FileNotFound"/>: one is missing. <see cref="ErrorCode.WeightsInvalid"/>: one is too short, or lies
    /// outside the graph's folder, where ONNX Runtime does not read.
    /// </exception>
    public static IReadOnlyList<string> DataFiles(OnnxFile graph)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(graph.Path))!;
        string[] names = [.. graph.DataFiles.Order(StringComparer.Ordinal)];
        foreach (var name in names)
        {
            if (!BundlePath.IsInside(name))
            {
                throw new KontextException(
                    ErrorCode.WeightsInvalid,
                    $"'{graph.Path}' has weights in '{name}', which is no file in its own folder."
                );
            }
            var path = Path.Combine(folder, name);
            if (!File.Exists(path))
            {
                throw new KontextException(
                    ErrorCode.FileNotFound,
                    $"'{path}' is missing, which holds weights of '{graph.Path}'."
                );
            }
            var needed = graph.Weights.Where(weight => weight.Location == name).Max(weight => weight.End);
            var length = LengthOf(path);
            if (length < needed)
            {
                throw new KontextException(
                    ErrorCode.WeightsInvalid,
                    $"'{path}' has {length} bytes; '{graph.Path}' has weights in it up to byte {needed}."
                );
            }
        }
        return names;
    }

    /// <summary>The length of a file, behind symbolic links: theirs is that of their own text.</summary>
    private static long LengthOf(string path)
    {
        try
        {
            using var file = File.OpenHandle(path);
            return RandomAccess.GetLength(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new KontextException(ErrorCode.FileNotFound, $"'{path}' cannot be read: {error.Message}", error);
        }
    }
}
