using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Messages;
using Kontext.Contracts.Tenants;
using Kontext.Flux.Bundles;
using Kontext.Gateway.Health;
using Kontext.Messaging;
using Kontext.Servers;
using Kontext.Storage;
using Kontext.Storage.Jobs;
using Kontext.Storage.Objects;
using Kontext.Storage.Tenants;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Kontext.Gateway.Tests.Http;

/// <summary>
/// A gateway on a real port with real storage, and the test in the place of leader and workers: it reads what the gateway
/// sends, and saves records.
/// </summary>
internal sealed class GatewayHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _folder;
    private readonly Channel<object> _sent = Channel.CreateUnbounded<object>();
    private IAsyncDisposable? _listening;
    private long? _epoch;

    private GatewayHost(WebApplication app, string folder)
    {
        _app = app;
        _folder = folder;
        Client = new() { Timeout = TimeSpan.FromSeconds(60) };
    }

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The model that comes with the program.</summary>
    public static ModelManifest Tiny { get; } =
        ModelBundle.Open(Path.Combine(KontextServer.Repository, "models", "kontext-tiny")).Manifest;

    public static ModelRef TinyRef { get; } = new(Tiny.Name, Tiny.Digest);

    /// <summary>The picture that comes with it.</summary>
    public static byte[] Picture { get; } =
        File.ReadAllBytes(Path.Combine(KontextServer.Repository, "models", "kontext-tiny", "samples", "shapes.png"));

    public HttpClient Client { get; }

    public BreakableObjects Objects => (BreakableObjects)_app.Services.GetRequiredService<IObjectStore>();

    /// <summary>Starts a gateway.</summary>
    /// <param name="settings">Its configuration, as keys and values in turn.</param>
    public static Task<GatewayHost> StartAsync(params string[] settings) => StartAsync(serving: true, settings);

    /// <summary>Starts a gateway.</summary>
    /// <param name="serving">Whether a worker has announced kontext-tiny and a leader listens.</param>
    /// <param name="settings">Its configuration, as keys and values in turn.</param>
    public static Task<GatewayHost> StartAsync(bool serving, params string[] settings) =>
        StartAsync(Directory.CreateTempSubdirectory("kontext-gateway-").FullName, serving, settings);

    /// <summary>Starts another gateway over the same objects.</summary>
    public Task<GatewayHost> StartBesideAsync(params string[] settings) => StartAsync(_folder, serving: true, settings);

    private static async Task<GatewayHost> StartAsync(string folder, bool serving, string[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(
            settings.Chunk(2).Select(pair => KeyValuePair.Create(pair[0], (string?)pair[1]))
        );
        builder.Services.AddKontextStorage(builder.Configuration, folder);
        builder.Services.AddKontextMessaging(builder.Configuration);
        builder.Services.AddKontextGateway(builder.Configuration);
        var real = builder.Services.Last(service => service.ServiceType == typeof(IObjectStore));
        builder.Services.AddSingleton<IObjectStore>(provider => new BreakableObjects(
            (IObjectStore)real.ImplementationFactory!(provider)
        ));
        var app = builder.Build();
        app.MapKontextHealth();
        app.MapKontextGateway();
        var host = new GatewayHost(app, folder);
        try
        {
            await app.StartAsync(Token);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
        host.Client.BaseAddress = new UriBuilder(app.Urls.First()) { Host = "127.0.0.1" }.Uri;
        if (serving)
        {
            await host.AnnounceAsync(Tiny);
            await host.ListenAsync();
        }
        return host;
    }

    public T Get<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    /// <summary>What it serves.</summary>
    public IEnumerable<RouteEndpoint> Routes => Get<EndpointDataSource>().Endpoints.Cast<RouteEndpoint>();

    /// <summary>Creates a tenant. The first one has to come before the first request, or some seconds pass until it counts.</summary>
    /// <returns>Its key.</returns>
    public async Task<string> CreateTenantAsync(string id, Func<Tenant, Tenant>? change = null)
    {
        var (text, key) = ApiKeys.Create(id, DateTimeOffset.UtcNow);
        var tenant = new Tenant
        {
            Id = id,
            Name = id,
            WebhookSecret = WebhookSecret.Create(),
            CreatedAt = DateTimeOffset.UtcNow,
            Keys = [key],
        };
        await Get<TenantStore>().CreateAsync(change is null ? tenant : change(tenant), Token);
        return text;
    }

    /// <summary>Sends a request with a key.</summary>
    public async Task<HttpResponseMessage> SendAsync(string method, string path, string? key, object? body = null)
    {
        using var request = new HttpRequestMessage(new(method), path);
        if (key is not null)
        {
            request.Headers.Authorization = new("Bearer", key);
        }
        if (body is not null)
        {
            request.Content = JsonContent.Create(body);
        }
        return await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
    }

    /// <summary>Puts a model where workers put those they serve.</summary>
    public Task AnnounceAsync(ModelManifest manifest) =>
        Objects.PutAsync(
            ObjectNames.Model(new ModelRef(manifest.Name, manifest.Digest).Short),
            Encoding.UTF8.GetBytes(manifest.ToJson()),
            "application/json",
            Token
        );

    /// <summary>Hears what the leader would hear.</summary>
    public async Task ListenAsync() =>
        _listening = await Get<IMessageBus>()
            .ConsumeAsync(
                new(Queues.Coordinator, 16),
                [
                    MessageHandler.For<SubmitJob>((delivery, _) => Hear(delivery.Message)),
                    MessageHandler.For<CancelJob>((delivery, _) => Hear(delivery.Message)),
                ],
                Token
            );

    /// <summary>The next message that the gateway has sent.</summary>
    public async Task<T> SentAsync<T>() => (await _sent.Reader.ReadAsync(Token)).ShouldBeOfType<T>();

    /// <summary>How many messages it has sent that nobody asked for yet.</summary>
    public int Unheard => _sent.Reader.Count;

    /// <summary>Saves the next version of a record, as the leader does.</summary>
    public async Task<JobRecord> SaveAsync(JobRecord record, double chargeMs = 0)
    {
        (await Get<JobRecords>().SaveAsync(await EpochAsync(), record, chargeMs, Token)).ShouldBe(SaveResult.Saved);
        return record;
    }

    /// <summary>The term that records are saved in.</summary>
    public async Task<long> EpochAsync() => _epoch ??= await Get<JobRecords>().OpenTermAsync(Token);

    public async Task<JobSpec?> PendingAsync(string id) =>
        await Objects.ReadAsync(ObjectNames.Pending(id), Token) is { } content
            ? JsonSerializer.Deserialize(content, WireJson.Default.JobSpec)
            : null;

    public async Task<int> CountPendingAsync() =>
        await Objects.ListAsync(ObjectNames.PendingPrefix, Token).CountAsync(Token);

    public Task<HttpResponseMessage> PostAsync(object body, string? key = null) =>
        PostAsync(JsonSerializer.SerializeToUtf8Bytes(body), key);

    public async Task<HttpResponseMessage> PostAsync(byte[] body, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/jobs")
        {
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        // As curl does: who sends first and asks later has the connection closed on what is too long.
        request.Headers.ExpectContinue = body.Length > 1 << 20;
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }
        return await Client.SendAsync(request, Token);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (_listening is not null)
        {
            await _listening.DisposeAsync();
        }
        await _app.DisposeAsync();
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private Task Hear(object message) => _sent.Writer.WriteAsync(message, Token).AsTask();
}
