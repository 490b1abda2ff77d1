using System.Text;
using Kontext.Contracts;
using Kontext.Gateway.Bfl;
using Kontext.Gateway.Requests;

namespace Kontext.Gateway.Tests.Bfl;

public sealed class BflParserTests
{
    [Fact]
    public void Every_field_finds_its_own()
    {
        var job = Parse(
            """
            {"prompt": "a cat", "input_image": "QUJD", "input_image_3": "https://example.org/x.png", "seed": 7, "steps": 4,
             "guidance": 3.5, "aspect_ratio": "16:9", "output_format": "png", "webhook_url": "https://example.org/hook",
             "webhook_secret": "s", "prompt_upsampling": false, "safety_tolerance": 2, "mask": null, "width": null}
            """,
            "kontext-tiny"
        );
        (job.Prompt, job.Model, job.Seed, job.Steps, job.Guidance, job.AspectRatio, job.Format).ShouldBe(
            ("a cat", "kontext-tiny", 7, 4, 3.5f, "16:9", "png")
        );
        job.Context!.Count.ShouldBe(2);
        job.Context[0]!.Image!.Bytes.ShouldBe("ABC"u8.ToArray());
        job.Context[1]!.Url.ShouldBe("https://example.org/x.png");
        (job.Webhook!.Url, job.Webhook.Secret).ShouldBe(("https://example.org/hook", "s"));
    }

    [Fact]
    public void Images_are_jpeg_unless_told_otherwise() => Parse("""{"prompt": "x"}""").Format.ShouldBe("jpeg");

    [Fact]
    public void Ten_pictures_keep_their_order()
    {
        var fields = Enumerable
            .Range(1, 10)
            .Select(i => $"\"input_image{(i == 1 ? "" : $"_{i}")}\": \"{Convert.ToBase64String([(byte)i])}\"")
            .Reverse();
        var job = Parse($"{{{string.Join(", ", fields)}}}");
        job.Context!.Select(context => context!.Image!.Bytes![0])
            .ShouldBe(Enumerable.Range(1, 10).Select(i => (byte)i));
    }

    [Theory]
    // What a client makes of a size of its own: the shape goes with it.
    [InlineData("\"aspect_ratio\": \"4:3\", \"width\": 64, \"height\": 48", 64, 48, null)]
    [InlineData("\"aspect_ratio\": \"16:9\", \"width\": 64, \"height\": 48", null, null, "16:9")]
    [InlineData("\"width\": 64, \"height\": 48", 64, 48, null)]
    [InlineData("\"width\": 64", 64, null, null)]
    public void A_size_counts_where_the_shape_agrees(string fields, int? width, int? height, string? ratio)
    {
        var job = Parse($"{{{fields}}}");
        (job.Width, job.Height, job.AspectRatio).ShouldBe((width, height, ratio));
    }

    [Theory]
    [InlineData("""{"mask": "QUJD"}""", "mask")]
    [InlineData("""{"prompt_upsampling": true}""", "prompt_upsampling")]
    [InlineData("""{"safety_tolerance": 7}""", "safety_tolerance")]
    [InlineData("""{"webhook_secret": "s"}""", "webhook_secret")]
    [InlineData("""{"input_image": "%%%"}""", "input_image")]
    [InlineData("""{"input_image": 1}""", "input_image")]
    [InlineData("""{"input_image_11": "QUJD"}""", "input_image_11")]
    [InlineData("""{"steps": "many"}""", "steps")]
    [InlineData("""{"seed": 1.5}""", "seed")]
    [InlineData("[]", null)]
    [InlineData("null", null)]
    [InlineData("", null)]
    public void What_is_not_taken_is_refused_by_its_name(string body, string? field)
    {
        var error = Should.Throw<KontextException>(() => Parse(body));
        (error.Code, error.Field).ShouldBe((ErrorCode.RequestInvalid, field));
    }

    private static JobRequest Parse(string body, string model = "flux-kontext-pro") =>
        BflParser.Parse(Encoding.UTF8.GetBytes(body), model);
}
