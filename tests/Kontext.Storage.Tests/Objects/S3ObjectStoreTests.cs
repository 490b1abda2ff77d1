using System.Net;
using Kontext.Contracts;
using Kontext.Servers;
using Kontext.Storage.Objects;

namespace Kontext.Storage.Tests.Objects;

/// <summary>A bucket on a real S3 server.</summary>
public sealed class S3Fixture : IAsyncLifetime
{
    /// <summary>The server.</summary>
    public S3Server Server { get; private set; } = null!;

    internal S3ObjectStore Store { get; private set; } = null!;

    internal ObjectStoreSettings Settings(int port, string bucket = "kontext") =>
        new()
        {
            Endpoint = new($"http://127.0.0.1:{port}"),
            AccessKey = Server.AccessKey,
            SecretKey = Server.SecretKey,
            Bucket = bucket,
        };

    public async ValueTask InitializeAsync()
    {
        Server = await S3Server.StartNewAsync();
        Store = new(Settings(Server.Port));
        await Store.EnsureExistsAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Store.Dispose();
        await Server.DisposeAsync();
    }
}

public sealed class S3ObjectStoreTests(S3Fixture s3) : ObjectStoreTests, IClassFixture<S3Fixture>
{
    private protected override IObjectStore Store => s3.Store;

    [Fact]
    public async Task A_presigned_url_gives_the_object_to_whoever_has_it_for_its_time()
    {
        using var http = new HttpClient();
        await PutAsync("inputs/signed", "content");
        var url = await Store.PresignAsync("inputs/signed", TimeSpan.FromMinutes(5), Token);
        (await http.GetStringAsync(url, Token)).ShouldBe("content");
        var tampered = new Uri(url!.ToString().Replace("inputs/signed", "inputs/other", StringComparison.Ordinal));
        (await http.GetAsync(tampered, Token)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        var unsigned = new Uri(url.GetLeftPart(UriPartial.Path));
        (await http.GetAsync(unsigned, Token)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_bucket_is_made_once()
    {
        using var store = new S3ObjectStore(s3.Settings(s3.Server.Port, "another-bucket"));
        await Should.ThrowAsync<KontextException>(() =>
            store.PutAsync("inputs/x", "x"u8.ToArray(), "text/plain", Token)
        );
        await store.EnsureExistsAsync(Token);
        await store.EnsureExistsAsync(Token);
        await store.PutAsync("inputs/x", "x"u8.ToArray(), "text/plain", Token);
        (await Store.ExistsAsync("inputs/x", Token)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_wrong_key_is_named()
    {
        var settings = s3.Settings(s3.Server.Port) with { SecretKey = "wrong" };
        using var store = new S3ObjectStore(settings);
        Func<Task>[] all =
        [
            () => store.EnsureExistsAsync(Token),
            () => store.PutAsync("inputs/x", "x"u8.ToArray(), "text/plain", Token),
            () => store.ReadAsync("inputs/x", Token),
            () => store.CopyToAsync("inputs/x", Stream.Null, Token),
            () => store.ExistsAsync("inputs/x", Token),
            () => store.DeleteAsync("inputs/x", Token),
            async () => await store.ListAsync("inputs/", Token).ToArrayAsync(Token),
        ];
        foreach (var ask in all)
        {
            var error = await Should.ThrowAsync<KontextException>(ask);
            error.Code.ShouldBe(ErrorCode.ServiceUnavailable);
            error.Message.ShouldContain($"127.0.0.1:{s3.Server.Port}");
            error.Message.ShouldContain("ObjectStore:SecretKey");
            error.Message.ShouldNotContain("wrong");
        }
    }

    [Fact]
    public async Task A_server_that_is_gone_is_named_and_used_again_when_it_is_back()
    {
        await using var proxy = new TcpProxy(s3.Server.Port);
        using var store = new S3ObjectStore(s3.Settings(proxy.Port));
        await store.PutAsync("inputs/back", "content"u8.ToArray(), "text/plain", Token);
        proxy.Refuse();
        var error = await Should.ThrowAsync<KontextException>(() => store.ReadAsync("inputs/back", Token));
        error.Code.ShouldBe(ErrorCode.ServiceUnavailable);
        error.Message.ShouldContain($"127.0.0.1:{proxy.Port} (ObjectStore:Endpoint)");
        proxy.Resume();
        (await store.ReadAsync("inputs/back", Token)).ShouldBe("content"u8.ToArray());
    }

    [Fact]
    public async Task A_connection_that_breaks_is_made_again()
    {
        await using var proxy = new TcpProxy(s3.Server.Port);
        using var store = new S3ObjectStore(s3.Settings(proxy.Port));
        for (var i = 0; i < 10; i++)
        {
            await store.PutAsync("inputs/cut", "content"u8.ToArray(), "text/plain", Token);
            proxy.Cut();
            (await store.ReadAsync("inputs/cut", Token)).ShouldBe("content"u8.ToArray());
            proxy.Cut();
        }
    }
}
