using System.Text.Json;
using System.Text.Json.Nodes;
using Kontext.Contracts;

namespace Kontext.Flux.Graphs;

/// <summary>
/// What is known about a part of a model beside its tensors' shapes, from several JSON objects; the first that has a
/// name wins. Shapes say most; hints say what shapes cannot (RoPE axes, groups, scale and shift).
/// </summary>
internal sealed class ConfigHints(string part, params IReadOnlyList<JsonObject?> sources)
{
    /// <summary>A number, or null if no source has it.</summary>
    public double? Number(string name) => Value(name, node => (double?)node.GetValue<double>());

    /// <summary>A whole number, or null if no source has it.</summary>
    public int? Integer(string name) => Value(name, node => (int?)node.GetValue<int>());

    /// <summary>A word, or null if no source has it.</summary>
    public string? Word(string name) => Value(name, node => node.GetValue<string>());

    /// <summary>A list of whole numbers, or null if no source has it.</summary>
    public int[]? Integers(string name) =>
        Value(name, node => node.AsArray().Select(item => item!.GetValue<int>()).ToArray());

    /// <summary>What to say where a value is needed that neither shapes nor hints give.</summary>
    public KontextException Missing(string name, string meaning) =>
        new(
            ErrorCode.ModelIncomplete,
            $"The {part} needs '{name}' ({meaning}), which its tensors' shapes do not tell: "
                + $"give it in --config as {{\"{part}\": {{\"{name}\": …}}}}."
        );

    private T? Value<T>(string name, Func<JsonNode, T> read)
    {
        var node = sources.Select(source => source?[name]).FirstOrDefault(found => found is not null);
        try
        {
            return node is null ? default : read(node);
        }
        catch (Exception error)
            when (error is InvalidOperationException or FormatException or JsonException or NullReferenceException)
        {
            throw new KontextException(
                ErrorCode.InputInvalid,
                $"'{name}' of the {part} has a value of the wrong kind: {node!.ToJsonString()}.",
                error
            );
        }
    }
}
