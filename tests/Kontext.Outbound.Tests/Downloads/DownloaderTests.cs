using System.Globalization;
using Kontext.Contracts;
using Kontext.Servers;
using Microsoft.AspNetCore.Http;

namespace Kontext.Outbound.Tests.Downloads;

/// <summary>Downloads from a server that does whatever servers do, over real sockets.</summary>
public sealed class DownloaderTests
{
    private const int MaxBytes = 200_000;

    private static readonly byte[] File = [.. Enumerable.Range(0, MaxBytes).Select(i => (byte)(i % 251))];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_file_comes_as_it_is()
    {
        await using var server = await ServeAsync(context => context.Response.Body.WriteAsync(File, Token).AsTask());
        using var guarded = Guarded.WithAllowed();
        (await guarded.Downloader.DownloadAsync(server.Url, MaxBytes, Token)).ShouldBe(File);
        var request = server.Requests.ShouldHaveSingleItem();
        request.Headers["User-Agent"].ShouldBe("kontext");
        request.Headers.Keys.ShouldNotContain("Cookie");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_longer_is_refused_whether_its_length_is_said_or_not(bool isSaid)
    {
        await using var server = await ServeAsync(async context =>
        {
            context.Response.ContentLength = isSaid ? MaxBytes + 1 : null;
            await context.Response.Body.WriteAsync(File, Token);
            await context.Response.Body.WriteAsync(new byte[1], Token);
        });
        await ShouldFailAsync(server, ErrorCode.ImageTooLarge);
    }

    [Fact]
    public async Task What_never_ends_is_cut_off()
    {
        await using var server = await ServeAsync(async context =>
        {
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(File, context.RequestAborted);
            }
        });
        await ShouldFailAsync(server, ErrorCode.ImageTooLarge);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(403)]
    [InlineData(500)]
    [InlineData(304)]
    public async Task What_is_not_there_is_unreachable(int status)
    {
        await using var server = await ServeAsync(context =>
        {
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });
        await ShouldFailAsync(server, ErrorCode.ImageUnreachable);
    }

    [Fact]
    public async Task What_breaks_off_is_unreachable()
    {
        await using var server = await ServeAsync(async context =>
        {
            context.Response.ContentLength = MaxBytes;
            await context.Response.Body.WriteAsync(File.AsMemory(0, 1000), Token);
            await context.Response.Body.FlushAsync(Token);
            context.Abort();
        });
        await ShouldFailAsync(server, ErrorCode.ImageUnreachable);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_that_takes_its_time_is_unreachable(bool beginsToAnswer)
    {
        await using var server = await ServeAsync(async context =>
        {
            do
            {
                if (beginsToAnswer)
                {
                    await context.Response.Body.WriteAsync(new byte[1], context.RequestAborted);
                    await context.Response.Body.FlushAsync(context.RequestAborted);
                }
                await Task.Delay(20, context.RequestAborted);
            } while (true);
        });
        await ShouldFailAsync(server, ErrorCode.ImageUnreachable, ("DownloadTimeout", "00:00:00.3"));
    }

    [Fact]
    public async Task A_name_that_does_not_exist_is_unreachable()
    {
        using var guarded = new Guarded();
        await ShouldFailAsync(guarded, new("http://nobody.example/"), ErrorCode.ImageUnreachable);
    }

    [Fact]
    public async Task Three_redirects_are_followed()
    {
        await using var server = await RedirectsAsync(3);
        using var guarded = Guarded.WithAllowed();
        (await guarded.Downloader.DownloadAsync(server.Url, MaxBytes, Token)).ShouldBe("found"u8.ToArray());
        server.Requests.Select(request => request.Path).ShouldBe(["/", "/1", "/2", "/3"]);
    }

    [Fact]
    public async Task A_fourth_is_not()
    {
        await using var server = await RedirectsAsync(4);
        await ShouldFailAsync(server, ErrorCode.ImageUnreachable);
        server.Requests.Count.ShouldBe(4);
    }

    [Theory]
    [InlineData("http://127.0.0.1:{0}/secret")]
    [InlineData("//127.0.0.1:{0}/secret")]
    [InlineData("http://169.254.169.254/latest/meta-data/")]
    [InlineData("http://[::1]:{0}/secret")]
    [InlineData("http://[::ffff:127.0.0.1]:{0}/secret")]
    [InlineData("http://2130706433:{0}/secret")]
    [InlineData("http://rebound.example:{0}/secret")]
    [InlineData("http://user:word@127.0.0.2:{0}/secret")]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://127.0.0.2/secret")]
    public async Task A_redirect_leads_nowhere_that_a_request_may_not(string target)
    {
        await using var server = await ServeAsync(
            context =>
            {
                context.Response.StatusCode = 302;
                context.Response.Headers.Location = target.Replace(
                    "{0}",
                    context.Connection.LocalPort.ToString(CultureInfo.InvariantCulture),
                    StringComparison.Ordinal
                );
                return Task.CompletedTask;
            },
            "0.0.0.0"
        );
        using var guarded = Guarded.WithAllowed().Name("rebound.example", ["127.0.0.1"]);
        var url = new Uri($"http://{Guarded.Allowed}:{server.Url.Port}/");
        await ShouldFailAsync(guarded, url, ErrorCode.UrlForbidden);
        server.Requests.ShouldHaveSingleItem().Path.ShouldBe("/");
    }

    [Fact]
    public async Task A_name_that_changes_its_address_on_the_way_is_refused()
    {
        await using var server = await ServeAsync(
            context =>
            {
                context.Response.StatusCode = 302;
                context.Response.Headers.Connection = "close";
                context.Response.Headers.Location = "/secret";
                return Task.CompletedTask;
            },
            "0.0.0.0"
        );
        using var guarded = Guarded.WithAllowed().Name("rebound.example", [Guarded.Allowed], ["127.0.0.1"]);
        var url = new Uri($"http://rebound.example:{server.Url.Port}/");
        await ShouldFailAsync(guarded, url, ErrorCode.UrlForbidden);
        server.Requests.ShouldHaveSingleItem().Path.ShouldBe("/");
    }

    [Fact]
    public async Task More_at_a_time_than_may_wait_are_refused()
    {
        const int Waiting = 8;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await using var server = await ServeAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        using var guarded = Guarded.WithAllowed(("MaxDownloads", "1"));
        var downloads = Enumerable
            .Range(0, 1 + Waiting)
            .Select(_ => guarded.Downloader.DownloadAsync(server.Url, MaxBytes, stop.Token))
            .ToList();
        await ShouldFailAsync(guarded, server.Url, ErrorCode.ServiceUnavailable);
        await server.UntilAsync(1, Token);
        server.Requests.Count.ShouldBe(1);
        await stop.CancelAsync();
        foreach (var download in downloads)
        {
            await Should.ThrowAsync<OperationCanceledException>(() => download);
        }
    }

    private static Task<LocalReceiver> ServeAsync(Func<HttpContext, Task> answer, string address = Guarded.Allowed) =>
        LocalReceiver.StartAsync(answer, address);

    private static Task<LocalReceiver> RedirectsAsync(int count) =>
        ServeAsync(async context =>
        {
            var path = context.Request.Path.Value![1..];
            var step = path.Length == 0 ? 0 : int.Parse(path, CultureInfo.InvariantCulture);
            if (step == count)
            {
                await context.Response.WriteAsync("found", Token);
                return;
            }
            context.Response.Redirect($"/{step + 1}");
        });

    private static async Task ShouldFailAsync(
        LocalReceiver server,
        ErrorCode code,
        params (string Key, string Value)[] settings
    )
    {
        using var guarded = Guarded.WithAllowed(settings);
        await ShouldFailAsync(guarded, server.Url, code);
    }

    private static async Task ShouldFailAsync(Guarded guarded, Uri url, ErrorCode code)
    {
        var error = await Should.ThrowAsync<KontextException>(() =>
            guarded.Downloader.DownloadAsync(url, MaxBytes, Token)
        );
        error.Code.ShouldBe(code, error.Message);
    }
}
