using System.Text.Json;
using Kontext.Flux.Images;

namespace Kontext.Clients.Tests;

/// <summary>OpenAI's own client for Node.js, against a server with kontext-tiny.</summary>
public sealed class OpenAiClientTests(ServedModel server, NodeClients clients)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_lists_models_generates_edits_streams_and_is_told_what_is_wrong()
    {
        var seen = await clients.RunAsync("openai.mjs", server.Url, Token);

        Texts(seen.GetProperty("models"))
            .ShouldBe(["flux-kontext-dev", "flux-kontext-max", "flux-kontext-pro", "kontext-tiny"]);
        seen.GetProperty("model").GetProperty("object").GetString().ShouldBe("model");

        var generated = Files(seen.GetProperty("generated")).ToList();
        generated.Count.ShouldBe(2);
        foreach (var file in generated)
        {
            ImageFormats.Sniff(file).ShouldBe(ImageFormat.WebP);
            ShouldBeImage(file);
        }
        generated[0].ShouldNotBe(generated[1]);
        seen.GetProperty("usage").GetProperty("total_tokens").GetInt32().ShouldBe(24 + (2 * 16));

        using var http = new HttpClient();
        ShouldBeImage(await http.GetByteArrayAsync(new Uri(seen.GetProperty("linked").GetString()!), Token));

        var edited = Files(seen.GetProperty("edited")).ShouldHaveSingleItem();
        ShouldBePink(edited);
        ShouldBeImage(Files(seen.GetProperty("many")).ShouldHaveSingleItem());

        ShouldBeStream(seen.GetProperty("events"), "image_generation");
        ShouldBeStream(seen.GetProperty("editEvents"), "image_edit");

        ShouldBeError("empty", "BadRequestError", 400, "prompt_empty", "prompt");
        ShouldBeError("model", "NotFoundError", 404, "model_not_found", "model");
        ShouldBeError("size", "BadRequestError", 400, "size_invalid", "size");
        ShouldBeError("mask", "BadRequestError", 400, "request_invalid", "mask");
        ShouldBeError("unknown", "NotFoundError", 404, "model_not_found", "model");

        void ShouldBeError(string name, string type, int status, string code, string field)
        {
            var error = seen.GetProperty("errors").GetProperty(name);
            (
                error.GetProperty("name").GetString(),
                error.GetProperty("status").GetInt32(),
                error.GetProperty("type").GetString(),
                error.GetProperty("code").GetString(),
                error.GetProperty("param").GetString()
            ).ShouldBe((type, status, "invalid_request_error", code, field));
        }
    }

    /// <summary>The edit that was asked for is there: most of what was background is pink.</summary>
    internal static void ShouldBePink(byte[] file)
    {
        var image = ImageDecoder.Decode(file);
        var pink = 0;
        for (var i = 0; i < image.Pixels.Length; i += 3)
        {
            var (red, green, blue) = (image.Pixels[i], image.Pixels[i + 1], image.Pixels[i + 2]);
            pink += red > green + 20 && red >= blue && blue > green ? 1 : 0;
        }
        pink.ShouldBeGreaterThan(image.Width * image.Height / 4);
    }

    internal static void ShouldBeImage(byte[] file)
    {
        var image = ImageDecoder.Decode(file);
        (image.Width, image.Height).ShouldBe((64, 64));
    }

    private static void ShouldBeStream(JsonElement events, string name)
    {
        var all = events.EnumerateArray().ToList();
        var last = all[^1];
        last.GetProperty("type").GetString().ShouldBe($"{name}.completed");
        ShouldBeImage(last.GetProperty("b64_json").GetBytesFromBase64());
        last.GetProperty("usage").GetProperty("output_tokens").GetInt32().ShouldBe(16);
        all.Count.ShouldBeInRange(2, 3);
        foreach (var (partial, i) in all.SkipLast(1).Select((partial, i) => (partial, i)))
        {
            partial.GetProperty("type").GetString().ShouldBe($"{name}.partial_image");
            partial.GetProperty("partial_image_index").GetInt32().ShouldBe(i);
            ImageDecoder.Decode(partial.GetProperty("b64_json").GetBytesFromBase64());
        }
    }

    private static IEnumerable<string?> Texts(JsonElement list) =>
        list.EnumerateArray().Select(item => item.GetString());

    private static IEnumerable<byte[]> Files(JsonElement list) =>
        list.EnumerateArray().Select(item => item.GetBytesFromBase64());
}
