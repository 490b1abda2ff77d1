using System.Text.Json.Nodes;
using YamlDotNet.Serialization;

namespace Kontext.Deploy.Tests;

/// <summary>YAML as JSON, with merge keys and anchors resolved.</summary>
internal static class Yaml
{
    private static readonly IDeserializer Reader = new DeserializerBuilder()
        .WithAttemptingUnquotedStringTypeDeserialization()
        .Build();
    private static readonly ISerializer Writer = new SerializerBuilder().JsonCompatible().Build();

    /// <summary>All documents of a text that hold something.</summary>
    public static IReadOnlyList<JsonObject> ReadAll(string text)
    {
        var parser = new YamlDotNet.Core.MergingParser(new YamlDotNet.Core.Parser(new StringReader(text)));
        parser.TryConsume();
        var documents = new List<JsonObject>();
        while (parser.Current is YamlDotNet.Core.Events.DocumentStart)
        {
            if (Reader.Deserialize(parser) is { } document)
            {
                documents.Add(JsonNode.Parse(Writer.Serialize(document))!.AsObject());
            }
        }
        return documents;
    }

    /// <summary>The one document of a file.</summary>
    public static JsonObject ReadFile(string path) => ReadAll(File.ReadAllText(path)).ShouldHaveSingleItem();

    /// <summary>What a path of keys and indexes leads to, or null.</summary>
    public static JsonNode? At(this JsonNode? node, params object[] path) =>
        path.Aggregate(
            node,
            (inner, step) =>
                (inner, step) switch
                {
                    (JsonObject map, string key) => map[key],
                    (JsonArray list, int index) when index < list.Count => list[index],
                    _ => null,
                }
        );

    /// <summary>The text that a path leads to.</summary>
    public static string? Text(this JsonNode? node, params object[] path) => node.At(path)?.ToString();

    /// <summary>The texts of the list that a path leads to; empty where there is none.</summary>
    public static IReadOnlyList<string> Texts(this JsonNode? node, params object[] path) =>
        [.. node.Items(path).Select(item => item!.ToString())];

    /// <summary>The items of the list that a path leads to; empty where there is none.</summary>
    public static IEnumerable<JsonNode?> Items(this JsonNode? node, params object[] path) =>
        node.At(path) as JsonArray ?? Enumerable.Empty<JsonNode?>();

    /// <summary>Keys and values of the map that a path leads to; empty where there is none.</summary>
    public static IReadOnlyDictionary<string, string> Map(this JsonNode? node, params object[] path) =>
        (node.At(path) as JsonObject ?? []).ToDictionary(pair => pair.Key, pair => pair.Value?.ToString() ?? "");

    private static void TryConsume(this YamlDotNet.Core.IParser parser)
    {
        parser.MoveNext();
        if (parser.Current is YamlDotNet.Core.Events.StreamStart)
        {
            parser.MoveNext();
        }
    }
}
