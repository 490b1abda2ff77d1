using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Messages;
using Kontext.Flux.Images;
using Kontext.Gateway.Uploads;
using Kontext.Storage;
using Kontext.Storage.Objects;
using Kontext.Storage.Tenants;

namespace Kontext.Gateway.Tests.Http;

public sealed class UploadTests(SharedGateway shared) : IClassFixture<SharedGateway>
{
    private static CancellationToken Token => GatewayHost.Token;

    private GatewayHost Host => shared.Host;

    [Theory]
    [InlineData("image/png")]
    [InlineData("image/jpeg")]
    [InlineData("application/octet-stream")]
    public async Task A_picture_is_kept_and_given_back_as_what_its_bytes_are(string type)
    {
        var upload = await PostAsync(Raw(GatewayHost.Picture, type)).ShouldBeJobAsync(201);
        upload.GetProperty("width").GetInt32().ShouldBe(64);
        upload.GetProperty("height").GetInt32().ShouldBe(64);
        upload.GetProperty("format").GetString().ShouldBe("png");
        upload.GetProperty("bytes").GetInt32().ShouldBe(GatewayHost.Picture.Length);
        var left = upload.GetProperty("expires_at").GetDateTimeOffset() - DateTimeOffset.UtcNow;
        left.TotalDays.ShouldBeInRange(29.9, 31.1);

        using var answer = await Host.Client.GetAsync($"/v1/images/{upload.Id()}", Token);
        (await answer.Content.ReadAsByteArrayAsync(Token)).ShouldBe(GatewayHost.Picture);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("image/png");
    }

    [Fact]
    public async Task A_form_is_taken_with_the_picture_as_its_file()
    {
        using var form = new MultipartFormDataContent
        {
            { new ByteArrayContent(GatewayHost.Picture), "file", "it.png" },
        };
        (await PostAsync(form).ShouldBeJobAsync(201)).GetProperty("width").GetInt32().ShouldBe(64);
    }

    [Fact]
    public async Task A_job_keeps_a_picture_of_its_own_of_what_was_uploaded()
    {
        var upload = (await PostAsync(Raw(GatewayHost.Picture)).ShouldBeJobAsync(201)).Id();
        var job = await SubmitAsync(upload).ShouldBeJobAsync(202);
        var spec = (await Host.SentAsync<SubmitJob>()).Spec;
        var context = spec.Contexts.ShouldHaveSingleItem().ShouldBeOfType<PixelContext>();
        context.Image.ShouldBe(ObjectNames.Input(job.Id(), 0));

        (await Host.Client.DeleteAsync($"/v1/images/{upload}", Token)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await Host.Objects.ReadAsync(context.Image, Token)).ShouldBe(GatewayHost.Picture);
        await Host.Client.GetAsync($"/v1/images/{upload}", Token).ShouldBeProblemAsync(ErrorCode.ImageNotFound);
        await Host.Client.DeleteAsync($"/v1/images/{upload}", Token).ShouldBeProblemAsync(ErrorCode.ImageNotFound);
        (await SubmitAsync(upload).ShouldBeProblemAsync(ErrorCode.ImageNotFound)).ShouldContain("'context[0]'");
    }

    [Fact]
    public async Task What_another_tenant_has_uploaded_is_not_there()
    {
        var uploads = Host.Get<UploadStore>();
        var (id, _) = await uploads.PutAsync("other", GatewayHost.Picture, "image/png", Token);
        (await uploads.ReadAsync("other", id, Token)).ShouldBe(GatewayHost.Picture);
        await Host.Client.GetAsync($"/v1/images/{id}", Token).ShouldBeProblemAsync(ErrorCode.ImageNotFound);
        await Host.Client.DeleteAsync($"/v1/images/{id}", Token).ShouldBeProblemAsync(ErrorCode.ImageNotFound);
        await SubmitAsync(id).ShouldBeProblemAsync(ErrorCode.ImageNotFound);
        (await uploads.ReadAsync("other", id, Token)).ShouldBe(GatewayHost.Picture);
    }

    [Theory]
    [InlineData("0123456789abcdef0123456789abcdef")]
    [InlineData("20260101")]
    [InlineData("..%2F..%2Fpending%2Fx")]
    [InlineData("20269999aaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task What_is_no_id_is_404(string id)
    {
        await Host.Client.GetAsync($"/v1/images/{id}", Token).ShouldBeProblemAsync(ErrorCode.ImageNotFound);
        await Host.Client.DeleteAsync($"/v1/images/{id}", Token).ShouldBeProblemAsync(ErrorCode.ImageNotFound);
        await SubmitAsync(Uri.UnescapeDataString(id)).ShouldBeProblemAsync(ErrorCode.ImageNotFound);
    }

    [Fact]
    public async Task A_picture_is_checked_as_one_in_a_request_is()
    {
        await PostAsync(Raw("no picture"u8.ToArray())).ShouldBeProblemAsync(ErrorCode.ImageUnreadable);
        await PostAsync(Raw([])).ShouldBeProblemAsync(ErrorCode.ImageUnreadable);
        await PostAsync(Raw(GatewayHost.Picture[..200])).ShouldBeProblemAsync(ErrorCode.ImageUnreadable);
        var thin = ImageEncoder.Encode(RgbImage.Filled(64 * 40, 64, 1, 2, 3), ImageFormat.Png, null);
        await PostAsync(Raw(thin)).ShouldBeProblemAsync(ErrorCode.ImageTooLarge);
        await PostAsync(Raw(new byte[SharedGateway.MaxBodyBytes + 1])).ShouldBeProblemAsync(ErrorCode.ImageTooLarge);
    }

    [Fact]
    public async Task A_form_that_is_not_of_its_form_is_refused()
    {
        using var twice = new MultipartFormDataContent
        {
            { new ByteArrayContent(GatewayHost.Picture), "file", "a.png" },
            { new ByteArrayContent(GatewayHost.Picture), "file", "b.png" },
        };
        await PostAsync(twice).ShouldBeProblemAsync(ErrorCode.RequestInvalid);
        using var other = new MultipartFormDataContent
        {
            { new ByteArrayContent(GatewayHost.Picture), "image", "a.png" },
        };
        await PostAsync(other).ShouldBeProblemAsync(ErrorCode.RequestInvalid);
        await PostAsync(Raw("--x\r\nbroken"u8.ToArray(), "multipart/form-data; boundary=x"))
            .ShouldBeProblemAsync(ErrorCode.RequestInvalid);
        await PostAsync(Raw("--x--\r\n"u8.ToArray(), "multipart/form-data; boundary=x"))
            .ShouldBeProblemAsync(ErrorCode.RequestInvalid);
        await PostAsync(Raw(GatewayHost.Picture, "multipart/form-data"))
            .ShouldBeProblemAsync(ErrorCode.RequestInvalid, 415);
        await PostAsync(Raw(GatewayHost.Picture, "text/html")).ShouldBeProblemAsync(ErrorCode.RequestInvalid, 415);
    }

    [Fact]
    public async Task A_context_is_one_thing()
    {
        var upload = (await PostAsync(Raw(GatewayHost.Picture)).ShouldBeJobAsync(201)).Id();
        var picture = Convert.ToBase64String(GatewayHost.Picture);
        await Host.PostAsync(new { prompt = "x", context = new[] { new { upload, image = picture } } })
            .ShouldBeProblemAsync(ErrorCode.RequestInvalid);
        await Host.PostAsync(
                new
                {
                    prompt = "x",
                    context = new[]
                    {
                        new
                        {
                            upload,
                            job = upload,
                            image = 0,
                        },
                    },
                }
            )
            .ShouldBeProblemAsync(ErrorCode.RequestInvalid);
    }

    [Fact]
    public async Task What_is_kept_no_more_is_not_there_even_before_it_is_removed()
    {
        var clock = new SetClock(new(2026, 1, 31, 23, 59, 0, TimeSpan.Zero));
        var uploads = new UploadStore(
            Host.Objects,
            Host.Get<TenantKeys>(),
            new Retention(Host.Get<TenantDirectory>(), TimeSpan.FromDays(1)),
            clock
        );
        var (id, expiresAt) = await uploads.PutAsync("a", GatewayHost.Picture, "image/png", Token);
        var end = new DateTimeOffset(2026, 2, 2, 0, 0, 0, TimeSpan.Zero);
        expiresAt.ShouldBe(end);
        clock.Now = end.AddTicks(-1);
        (await uploads.ReadAsync("a", id, Token)).ShouldNotBeNull();
        clock.Now = end;
        (await uploads.ReadAsync("a", id, Token)).ShouldBeNull();

        var forEver = new UploadStore(
            Host.Objects,
            Host.Get<TenantKeys>(),
            new Retention(Host.Get<TenantDirectory>(), null),
            clock
        );
        var (kept, never) = await forEver.PutAsync("a", GatewayHost.Picture, "image/png", Token);
        never.ShouldBeNull();
        (await forEver.ReadAsync("a", kept, Token)).ShouldNotBeNull();
    }

    private async Task<HttpResponseMessage> PostAsync(HttpContent content)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/images") { Content = content };
        // What is too long is refused unread; a client that sends all the same finds the connection closed.
        request.Headers.ExpectContinue = true;
        return await Host.Client.SendAsync(request, Token);
    }

    private Task<HttpResponseMessage> SubmitAsync(string upload) =>
        Host.PostAsync(new { prompt = "x", context = new[] { new { upload } } });

    private static ByteArrayContent Raw(byte[] bytes, string type = "image/png")
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return content;
    }

    private sealed class SetClock(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
