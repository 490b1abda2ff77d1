using System.Text.Json;
using Kontext.Flux.Images;

namespace Kontext.Clients.Tests;

/// <summary>The AI SDK with its provider for Black Forest Labs, against a server with kontext-tiny.</summary>
public sealed class BflClientTests(ServedModel server, NodeClients clients)
{
    [Fact]
    public async Task It_generates_edits_and_is_told_what_is_wrong()
    {
        var seen = await clients.RunAsync("bfl.mjs", server.Url, TestContext.Current.CancellationToken);

        var (generated, type) = FileOf(seen.GetProperty("generated"));
        (type, ImageFormats.Sniff(generated)).ShouldBe(("image/jpeg", ImageFormat.Jpeg));
        OpenAiClientTests.ShouldBeImage(generated);
        seen.GetProperty("metadata").GetProperty("seed").GetInt64().ShouldBe(7);
        seen.GetProperty("metadata").GetProperty("duration").GetDouble().ShouldBeGreaterThan(0);

        var (edited, png) = FileOf(seen.GetProperty("edited"));
        png.ShouldBe("image/png");
        OpenAiClientTests.ShouldBePink(edited);

        var error = seen.GetProperty("error");
        error.GetProperty("status").GetInt32().ShouldBe(422);
        error.GetProperty("message").GetString()!.ShouldContain("prompt_empty");
    }

    private static (byte[] File, string? Type) FileOf(JsonElement image) =>
        (image.GetProperty("file").GetBytesFromBase64(), image.GetProperty("type").GetString());
}
