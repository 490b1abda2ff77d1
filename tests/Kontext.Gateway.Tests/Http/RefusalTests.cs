using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using Kontext.Contracts;

namespace Kontext.Gateway.Tests.Http;

/// <summary>Nothing that is wrong with a request is a fault of the server.</summary>
public sealed class RefusalTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private static readonly string Image = Convert.ToBase64String(GatewayHost.Picture);

    private GatewayHost Host => shared.Host;

    [Theory]
    [InlineData("prompt_empty", "{}")]
    [InlineData("prompt_empty", """{"prompt": " \t"}""")]
    [InlineData("steps_out_of_range", """{"prompt": "x", "steps": 0}""")]
    [InlineData("steps_out_of_range", """{"prompt": "x", "steps": 501}""")]
    [InlineData("guidance_out_of_range", """{"prompt": "x", "guidance": -1}""")]
    [InlineData("guidance_out_of_range", """{"prompt": "x", "guidance": 1e39}""")]
    [InlineData("guidance_out_of_range", """{"prompt": "x", "negative_prompt": "y", "true_cfg": 31}""")]
    [InlineData("count_out_of_range", """{"prompt": "x", "count": 65}""")]
    [InlineData("size_invalid", """{"prompt": "x", "width": 64}""")]
    [InlineData("size_invalid", """{"prompt": "x", "width": 65, "height": 64}""")]
    [InlineData("size_invalid", """{"prompt": "x", "width": -64, "height": 64}""")]
    [InlineData("size_invalid", """{"prompt": "x", "width": 2147483647, "height": 2147483647}""")]
    [InlineData("size_invalid", """{"prompt": "x", "width": 64, "height": 64, "aspect_ratio": "1:1"}""")]
    [InlineData("size_invalid", """{"prompt": "x", "aspect_ratio": "999999:1"}""")]
    [InlineData("request_invalid", """{"prompt": "x", "seed": -1}""")]
    [InlineData("request_invalid", """{"prompt": "x", "seed": 9223372036854775807}""")]
    [InlineData("request_invalid", """{"prompt": "x", "format": "gif"}""")]
    [InlineData("request_invalid", """{"prompt": "x", "priority": "urgent"}""")]
    [InlineData("request_invalid", """{"prompt": "x", "negative_prompt": "y"}""")]
    [InlineData("request_invalid", """{"prompt": "x", "webhook": "http://x"}""")]
    [InlineData("request_invalid", """{"prompt": "x", "context": [{"image": "%%%"}]}""")]
    [InlineData("request_invalid", """{"prompt": "x", "context": [{"image": "data:image/png,abc"}]}""")]
    [InlineData("request_invalid", """{"prompt": "x", "context": [{"image": 1}]}""")]
    [InlineData("request_invalid", """{"prompt": "x", "context": [{"job": "0123456789abcdef0123456789abcdef"}]}""")]
    [InlineData("request_invalid", """{"prompt": "x", "context": [{"job": "a", "image": "QUJD"}]}""")]
    [InlineData("request_invalid", """{"prompt": "x", "context": [{}]}""")]
    [InlineData("request_invalid", """{"prompt": "x", "context": [null]}""")]
    [InlineData("request_invalid", "{not json")]
    [InlineData("request_invalid", "")]
    [InlineData("image_unreadable", """{"prompt": "x", "context": [{"image": ""}]}""")]
    [InlineData("image_unreadable", """{"prompt": "x", "context": [{"image": "QUJD"}]}""")]
    [InlineData("job_not_found", """{"prompt": "x", "context": [{"job": "../pending/x", "image": 0}]}""")]
    [InlineData(
        "job_not_found",
        """{"prompt": "x", "context": [{"job": "0123456789abcdef0123456789abcdef", "image": 0}]}"""
    )]
    [InlineData("deadline_invalid", """{"prompt": "x", "deadline": "2020-01-01T00:00:00Z"}""")]
    [InlineData("deadline_invalid", """{"prompt": "x", "deadline": "soon"}""")]
    [InlineData("model_not_found", """{"prompt": "x", "model": "pro"}""")]
    public async Task Each_is_a_problem_of_its_code(string code, string body)
    {
        var expected = ErrorCode.Find(code).ShouldNotBeNull();
        await Host.PostAsync(Encoding.UTF8.GetBytes(body)).ShouldBeProblemAsync(expected);
        (await Host.CountPendingAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task More_contexts_than_the_model_takes_are_refused_before_they_are_decoded()
    {
        var context = Enumerable.Range(0, 5).Select(_ => new { image = "QUJD" });
        await Host.PostAsync(new { prompt = "x", context }).ShouldBeProblemAsync(ErrorCode.TooManyContexts);
    }

    [Fact]
    public async Task A_picture_that_is_cut_off_is_named_by_its_place()
    {
        var cut = Convert.ToBase64String(GatewayHost.Picture.AsSpan(0, GatewayHost.Picture.Length / 2));
        var context = new[] { new { image = Image }, new { image = cut } };
        (
            await Host.PostAsync(new { prompt = "x", context }).ShouldBeProblemAsync(ErrorCode.ImageUnreadable)
        ).ShouldContain("context[1]");
    }

    [Theory]
    [InlineData(60_000, 60_000)]
    [InlineData(int.MaxValue, 1)]
    [InlineData(4000, 1)]
    public async Task A_picture_that_would_fill_the_memory_is_refused_by_its_header(int width, int height)
    {
        var context = new[] { new { image = Convert.ToBase64String(PngHeader(width, height)) } };
        using var answer = await Host.PostAsync(new { prompt = "x", context });
        ((int)answer.StatusCode).ShouldBeOneOf(400, 413);
    }

    [Fact]
    public async Task A_body_that_is_too_long_is_413_with_its_length_and_without()
    {
        var body = new byte[SharedGateway.MaxBodyBytes + 1];
        await Host.PostAsync(body).ShouldBeProblemAsync(ErrorCode.ImageTooLarge);
        using var chunked = new HttpRequestMessage(HttpMethod.Post, "/v1/jobs");
        chunked.Content = new StreamContent(new MemoryStream(body));
        chunked.Content.Headers.ContentType = new("application/json");
        chunked.Headers.TransferEncodingChunked = true;
        chunked.Headers.ExpectContinue = true;
        await Host.Client.SendAsync(chunked, GatewayHost.Token).ShouldBeProblemAsync(ErrorCode.ImageTooLarge);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData(null)]
    public async Task Another_media_type_is_415(string? type)
    {
        using var content = new ByteArrayContent("""{"prompt": "x"}"""u8.ToArray());
        content.Headers.ContentType = type is null ? null : System.Net.Http.Headers.MediaTypeHeaderValue.Parse(type);
        await Host
            .Client.PostAsync("/v1/jobs", content, GatewayHost.Token)
            .ShouldBeProblemAsync(ErrorCode.RequestInvalid, 415);
    }

    [Fact]
    public async Task What_there_is_not_is_a_problem_as_well()
    {
        await Host.Client.GetAsync("/v2/jobs", GatewayHost.Token).ShouldBeProblemAsync(ErrorCode.RequestInvalid, 404);
        await Host
            .Client.PutAsync("/v1/jobs", content: null, GatewayHost.Token)
            .ShouldBeProblemAsync(ErrorCode.RequestInvalid, 405);
    }

    /// <summary>A PNG that ends after its header.</summary>
    private static byte[] PngHeader(int width, int height)
    {
        byte[] png =
        [
            .. new byte[] { 0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13 },
            .. "IHDR"u8,
            .. new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0, 0, 0, 0, 0, 0, 0 },
        ];
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), width);
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(20), height);
        BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(29), Crc32.HashToUInt32(png.AsSpan(12, 17)));
        return [.. png, .. new byte[] { 0, 0, 0, 0 }, .. "IDAT"u8, .. new byte[] { 0x35, 0xAF, 0x06, 0x1E }];
    }
}
