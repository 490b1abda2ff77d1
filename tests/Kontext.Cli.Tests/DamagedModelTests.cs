using System.Text.Json.Nodes;

namespace Kontext.Cli.Tests;

/// <summary>A model that is not what it was when it was made is refused by name, whatever has happened to it.</summary>
public sealed class DamagedModelTests(TinyModel model) : CommandTests(model)
{
    [Theory]
    [InlineData("transformer.safetensors")]
    [InlineData("autoencoder.safetensors")]
    [InlineData("transformer.fp32.onnx")]
    [InlineData("decoder.fp32.onnx")]
    [InlineData("t5.spiece.model")]
    public void A_file_that_was_cut_short_is_named(string file)
    {
        var path = Damage(file, bytes => bytes[..(bytes.Length / 2)]);
        EditIsRefused("model_corrupt", $"'{path}' has ");
    }

    [Theory]
    [InlineData("t5.fp32.onnx")]
    [InlineData("clip.merges.txt")]
    public void A_file_that_is_gone_is_named(string file)
    {
        File.Delete(Damage(file, bytes => bytes));
        EditIsRefused("model_corrupt", $"lacks its file '{file}'");
    }

    [Theory]
    [InlineData("t5.fp32.onnx")]
    [InlineData("clip.fp32.onnx")]
    [InlineData("context-encoder.fp32.onnx")]
    [InlineData("decoder.fp32.onnx")]
    [InlineData("transformer.fp32.onnx")]
    [InlineData("transformer-prepare.fp32.onnx")]
    [InlineData("t5.spiece.model")]
    [InlineData("clip.vocab.json")]
    [InlineData("clip.merges.txt")]
    public void A_file_of_other_content_is_named(string file)
    {
        var path = Damage(file, bytes => [.. bytes.Select((_, i) => (byte)(i * 31))]);
        EditIsRefused("model_corrupt", $"'{path}'");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[1, 2]")]
    [InlineData("This is not JSON.")]
    [InlineData("{\"format\": 1")]
    [InlineData("\0\u0001\u0002")]
    public void A_manifest_that_is_none_is_named(string content)
    {
        var path = Damage("model.json", _ => System.Text.Encoding.UTF8.GetBytes(content));
        EditIsRefused("model_corrupt", $"'{path}' cannot be read");
    }

    [Theory]
    [InlineData("model_corrupt", "has format 2; this version reads 1", "format", "2")]
    [InlineData("model_corrupt", "cannot be read", "colour", "\"red\"")]
    [InlineData(
        "model_corrupt",
        "lacks its file '../model.json'",
        "files/..~1model.json",
        """{"bytes": 1, "sha256": "00"}"""
    )]
    [InlineData(
        "model_corrupt",
        "lacks its file '/etc/hostname'",
        "files/~1etc~1hostname",
        """{"bytes": 1, "sha256": "00"}"""
    )]
    [InlineData("model_incomplete", "It lacks transformer.", "transformer", "null")]
    [InlineData("model_incomplete", "It lacks t5, clip.", "t5", "null", "clip", "null")]
    [InlineData("model_incomplete", "T5's width is 25, the transformer's text width is 24.", "t5/hidden_size", "25")]
    [InlineData("model_incomplete", "CLIP's width is 8", "clip/hidden_size", "8")]
    [InlineData("model_incomplete", "pixels per latent is 4", "autoencoder/levels", "3")]
    [InlineData("model_incomplete", "T5's tokenizer has ids up to 399, its encoder 9", "t5/vocabulary_size", "9")]
    [InlineData("model_incomplete", "CLIP's tokenizer ends a prompt with", "clip/end_token", "9")]
    public void A_manifest_that_says_what_is_not_so_is_refused(string code, string words, params string[] changes)
    {
        Change(changes);
        EditIsRefused(code, words);
    }

    [Fact]
    public void No_number_in_a_manifest_is_a_fault_of_the_program()
    {
        var whole = File.ReadAllText(Path.Combine(Model.Folder, "model.json"));
        var numbers = Numbers(JsonNode.Parse(whole)!, "").Where(path => !path.StartsWith("files/")).ToArray();
        numbers.Length.ShouldBeGreaterThan(30);
        Model.Copy(At("model"));
        foreach (var path in numbers)
        {
            File.WriteAllText(At("model/model.json"), whole);
            Change(path, "0");
            var run = Run("generate", "a star", "--steps", "1", "--model", At("model"), "--output", "@/x.png");
            run.ExitCode.ShouldBeOneOf([0, 2, 3], $"{path}: {run.Error}");
            run.Error.ShouldHaveSingleLine();
        }
    }

    [Fact]
    public void Verify_finds_any_byte_that_has_changed()
    {
        foreach (var file in Directory.EnumerateFiles(Model.Folder).Select(Path.GetFileName).Cast<string>().Order())
        {
            var path = file == "model.json" ? Change("sampling/steps", "5") : Damage(file, Flip);
            var run = Run("model", "verify", At("model"));
            run.ExitCode.ShouldBe(3, file);
            var error = run.Error.TrimEnd().Split('\n')[^1];
            error.ShouldStartWith("error model_corrupt: ");
            error.ShouldContain($"'{path}'");
            Directory.Delete(At("model"), recursive: true);
        }

        static byte[] Flip(byte[] bytes)
        {
            bytes[bytes.Length / 2] ^= 1;
            return bytes;
        }
    }

    [Fact]
    public void Show_names_weights_whose_header_is_damaged()
    {
        var path = Damage("clip.safetensors", bytes => [.. new byte[8], .. bytes[8..]]);
        Refused("model_corrupt", $"'{path}' is not a valid safetensors file", "model", "show", At("model"));
    }

    private void EditIsRefused(string code, string words) =>
        Refused(code, words, "edit", "@/photo.png", "make it red", "--model", At("model"), "--output", "@/x.png");

    /// <summary>Replaces the content of one file of a copy of the model.</summary>
    private string Damage(string file, Func<byte[], byte[]> change)
    {
        var path = Path.Combine(Directory.Exists(At("model")) ? At("model") : Model.Copy(At("model")), file);
        File.WriteAllBytes(path, change(File.ReadAllBytes(path)));
        return path;
    }

    /// <summary>Sets members of a copy's manifest, given as paths (with ~1 for a slash in a name) and JSON values.</summary>
    private string Change(params string[] changes) =>
        Damage(
            "model.json",
            bytes =>
            {
                var manifest = JsonNode.Parse(bytes)!;
                foreach (var pair in changes.Chunk(2))
                {
                    var names = pair[0]
                        .Split('/')
                        .Select(name => name.Replace("~1", "/", StringComparison.Ordinal))
                        .ToArray();
                    var parent = names[..^1].Aggregate(manifest, Child);
                    var value = JsonNode.Parse(pair[1]);
                    if (parent is JsonArray array)
                    {
                        array[int.Parse(names[^1])] = value;
                    }
                    else
                    {
                        parent[names[^1]] = value;
                    }
                }
                return System.Text.Encoding.UTF8.GetBytes(manifest.ToJsonString());
            }
        );

    private static JsonNode Child(JsonNode parent, string name) =>
        (parent is JsonArray array ? array[int.Parse(name)] : parent[name])!;

    private static IEnumerable<string> Numbers(JsonNode node, string path) =>
        node switch
        {
            JsonObject members => members
                .Where(member => member.Value is not null)
                .SelectMany(member => Numbers(member.Value!, $"{path}{member.Key}/")),
            JsonArray items => items.SelectMany((item, i) => Numbers(item!, $"{path}{i}/")),
            JsonValue value when value.GetValueKind() == System.Text.Json.JsonValueKind.Number => [path.TrimEnd('/')],
            _ => [],
        };
}
