using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Kontext.Contracts;
using Kontext.Flux.Tests;
using Kontext.Gateway.Bfl;
using Kontext.Gateway.Jobs;
using Kontext.Gateway.OpenAi;
using Microsoft.AspNetCore.Http;

namespace Kontext.Gateway.Tests.Http;

/// <summary>Whatever is sent in the shapes of others, it is read or it is the sender's fault.</summary>
public sealed class ShapeFuzzTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private const string BflBody = """
        {"prompt": "x", "input_image": "QUJD", "input_image_2": "https://example.org/x.png", "seed": 3, "steps": 4, "width": 64,
         "height": 64, "aspect_ratio": "1:1", "output_format": "png", "prompt_upsampling": false, "safety_tolerance": 2}
        """;

    private const string OpenAiBody = """
        {"prompt": "x", "n": 1, "size": "64x64", "stream": true, "partial_images": 2, "quality": "high", "guidance": 2.5,
         "images": [{"image_url": "data:image/png;base64,QUJD"}, {"image_url": "http://example.org"}], "mask": null}
        """;

    /// <summary>Without a prompt: nothing is made, so nothing is waited for.</summary>
    private const string Form =
        "--b\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n1\r\n"
        + "--b\r\nContent-Disposition: form-data; name=\"stream\"\r\n\r\ntrue\r\n"
        + "--b\r\nContent-Disposition: form-data; name=\"image[]\"; filename=\"x.png\"\r\nContent-Type: image/png\r\n\r\nABC\r\n"
        + "--b--\r\n";

    [Fact]
    public void Bodies_of_BFL_are_read_or_refused() =>
        Changed(BflBody)
            .Sample(body => ReadOrRefused(() => BflParser.Parse(body, "x")), iter: Profile.Iterations(20_000));

    [Fact]
    public void Bodies_of_OpenAI_are_read_or_refused() =>
        Changed(OpenAiBody)
            .Sample(
                body => ReadOrRefused(() => ImageOrder.Of(ImageRequestReader.Parse(body), [])),
                iter: Profile.Iterations(20_000)
            );

    [Fact]
    public async Task Forms_are_refused_in_the_shape_of_OpenAI() =>
        await Changed(Form).SampleAsync(SendAsync, iter: Profile.Iterations(500), threads: 2);

    [Fact]
    public void Preferences_are_read_or_none() =>
        Gen.OneOf(Gen.String, Gen.String[Gen.Char["wait=;,\" 0123456789-"], 0, 20])
            .Sample(
                header =>
                {
                    var context = new DefaultHttpContext();
                    context.Request.Headers["Prefer"] = header;
                    (PreferWait.Of(context.Request, TimeSpan.Zero) ?? TimeSpan.Zero).ShouldBeGreaterThanOrEqualTo(
                        TimeSpan.Zero
                    );
                },
                iter: Profile.Iterations(5_000)
            );

    /// <summary>Texts with some bytes changed, and some cut off.</summary>
    private static Gen<byte[]> Changed(string right)
    {
        var bytes = Encoding.UTF8.GetBytes(right);
        var common = Gen.OneOf(Gen.Byte, Gen.Char["\"{}[]:,01-.e\\\r\n"].Select(character => (byte)character));
        return Gen.Select(
                Gen.Select(Gen.Int[0, bytes.Length - 1], common).List[0, 5],
                Gen.Frequency((4, Gen.Const(bytes.Length)), (1, Gen.Int[0, bytes.Length]))
            )
            .Select(
                (changes, length) =>
                {
                    var changed = (byte[])bytes.Clone();
                    foreach (var (at, value) in changes)
                    {
                        changed[at] = value;
                    }
                    return changed[..length];
                }
            );
    }

    private static void ReadOrRefused(Func<object> read)
    {
        try
        {
            read().ShouldNotBeNull();
        }
        catch (KontextException refused)
        {
            refused.Code.HttpStatus.ShouldBe(400);
        }
    }

    private async Task SendAsync(byte[] body)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=b");
        using var answer = await shared.Host.Client.PostAsync("/v1/images/edits", content);
        var text = await answer.Content.ReadAsStringAsync();
        ((int)answer.StatusCode).ShouldBeOneOf([400, 413], text);
        using var json = JsonDocument.Parse(text);
        var code = json.RootElement.GetProperty("error").GetProperty("code").GetString()!;
        ErrorCode.Find(code).ShouldNotBeNull();
        text.ShouldNotContain("System.");
    }
}
