using System.Net.Http.Json;
using System.Text.Json;
using Kontext.Clients.Tests;
using Kontext.Servers;

[assembly: AssemblyFixture(typeof(ServedModel))]

namespace Kontext.Clients.Tests;

/// <summary>One <c>kontext serve</c> with kontext-tiny, as a user starts it, for all tests here.</summary>
public sealed class ServedModel : IAsyncLifetime
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);

    /// <summary>Webhooks may go to the tests' own receivers, and are soon sent again.</summary>
    private static readonly Dictionary<string, string> Environment = new()
    {
        ["Outbound__AllowedNetworks__0"] = "127.0.0.0/8",
        ["Webhooks__Schedule__0"] = "00:00:00.05",
        ["Webhooks__Schedule__1"] = "00:00:00.05",
        ["Webhooks__Schedule__2"] = "00:00:00.1",
        ["Webhooks__Schedule__3"] = "00:00:00.1",
        ["Webhooks__Schedule__4"] = "00:00:00.2",
        ["Webhooks__Schedule__5"] = "00:00:00.2",
        ["Webhooks__Schedule__6"] = "00:00:00.2",
    };

    private readonly KontextServer _server = new("clients", Environment, "--model", Tiny);
    private readonly HttpClient _http = new();

    /// <summary>The model.</summary>
    internal static string Tiny => Path.Combine(KontextServer.Repository, "models", "kontext-tiny");

    /// <summary>The picture that comes with the model.</summary>
    public static string Picture { get; } = Path.Combine(Tiny, "samples", "shapes.png");

    /// <summary>Where it listens.</summary>
    public string Url => _server.Url.AbsoluteUri.TrimEnd('/');

    public async ValueTask InitializeAsync()
    {
        await _server.StartAsync();
        // It listens before its worker has announced the model.
        while (
            !(await _http.GetStringAsync(new Uri($"{Url}/v1/models"))).Contains(
                "kontext-tiny",
                StringComparison.Ordinal
            )
        )
        {
            await Task.Delay(BetweenLooks);
        }
    }

    /// <summary>Makes a job with one image.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> MakeJobAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Url}/v1/jobs")
        {
            Content = JsonContent.Create(new { prompt = "a red circle", steps = 2 }),
        };
        request.Headers.Add("Prefer", "wait");
        using var answer = await _http.SendAsync(request, cancellationToken);
        var job = await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
        job.GetProperty("status").GetString().ShouldBe("succeeded", job.GetRawText());
        return job.GetProperty("id").GetString()!;
    }

    /// <summary>Uploads a picture.</summary>
    /// <returns>Its id.</returns>
    public async Task<string> UploadAsync(CancellationToken cancellationToken)
    {
        using var content = new ByteArrayContent(await File.ReadAllBytesAsync(Picture, cancellationToken));
        content.Headers.ContentType = new("image/png");
        using var answer = await _http.PostAsync(new Uri($"{Url}/v1/images"), content, cancellationToken);
        var upload = await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
        return upload.GetProperty("id").GetString()!;
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }
}
