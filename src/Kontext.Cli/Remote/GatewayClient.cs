using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Kontext.Contracts;
using Kontext.Gateway;
using Kontext.Gateway.Cluster;
using Kontext.Gateway.Jobs;
using Kontext.Gateway.Requests;
using Kontext.Gateway.Tenants;

namespace Kontext.Cli.Remote;

/// <summary>A gateway as its clients see it. Failures of the connection and the server's problems come as our own.</summary>
internal sealed class GatewayClient : IDisposable
{
    private const string IdempotencyKey = "Idempotency-Key";
    private const string LastEventId = "Last-Event-ID";

    /// <summary>The environment variable of the key: on a command line everybody on the machine could read it.</summary>
    private const string KeyVariable = "KONTEXT_API_KEY";
    private const int SubmitTries = 3;

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Several of the server's heartbeats.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(60);

    private readonly Uri _server;
    private readonly HttpClient _http;

    /// <summary>A client of a server.</summary>
    /// <param name="server">For example <c>http://127.0.0.1:8080</c>.</param>
    /// <param name="key">Key to send; null: that of the environment, if there is one.</param>
    public GatewayClient(Uri server, string? key = null)
    {
        _server = server;
        var handler = new SocketsHttpHandler { ConnectTimeout = ConnectTimeout, UseProxy = !server.IsLoopback };
        _http = new(handler)
        {
            BaseAddress = new($"{server.GetLeftPart(UriPartial.Path).TrimEnd('/')}/"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        if ((key ?? Environment.GetEnvironmentVariable(KeyVariable)) is { Length: > 0 } known)
        {
            _http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer {known}");
        }
    }

    /// <summary>The server that an option names.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.Usage"/>: it is no URL.</exception>
    public static Uri ParseServer(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var server) && server.Scheme is "http" or "https"
            ? server
            : throw new KontextException(
                ErrorCode.Usage,
                $"--server takes a URL such as http://127.0.0.1:8080, not '{text}'."
            );

    /// <summary>Submits a job, once: when the connection breaks the server is asked again by the same key.</summary>
    public async Task<JobView> SubmitAsync(JobRequest body, CancellationToken cancellationToken)
    {
        var key = Guid.NewGuid().ToString("N");
        for (var tries = 1; ; tries++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "v1/jobs")
            {
                Content = JsonContent.Create(body, GatewayJson.Default.JobRequest),
            };
            request.Headers.Add(IdempotencyKey, key);
            // What the server will not take is not sent; otherwise its answer would be lost with the connection.
            request.Headers.ExpectContinue = true;
            try
            {
                using var answer = await SendAsync(request, cancellationToken);
                return await ReadJobAsync(answer, cancellationToken);
            }
            catch (KontextException error)
                when (tries < SubmitTries
                    && error.InnerException
                        is HttpRequestException { HttpRequestError: not HttpRequestError.ConnectionError }
                )
            {
                // It may have been accepted.
            }
        }
    }

    /// <summary>A job as it is.</summary>
    public async Task<JobView> GetAsync(string job, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"v1/jobs/{job}");
        using var answer = await SendAsync(request, cancellationToken);
        return await ReadJobAsync(answer, cancellationToken);
    }

    /// <summary>What happens to a job, until the connection or the job ends.</summary>
    /// <param name="job">Its id.</param>
    /// <param name="lastEvent">Id of the last event that was seen.</param>
    /// <param name="cancellationToken">Stops listening.</param>
    public async IAsyncEnumerable<RemoteEvent> FollowAsync(
        string job,
        string? lastEvent,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        silence.CancelAfter(LongestSilence);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"v1/jobs/{job}/events");
        request.Headers.Accept.Add(new("text/event-stream"));
        if (lastEvent is not null)
        {
            request.Headers.Add(LastEventId, lastEvent);
        }
        using var answer = await SendAsync(request, silence.Token);
        await using var stream = await answer.Content.ReadAsStreamAsync(silence.Token);
        await using var items = SseParser
            .Create(stream)
            .EnumerateAsync(silence.Token)
            .GetAsyncEnumerator(silence.Token);
        while (await GuardAsync(() => items.MoveNextAsync().AsTask(), cancellationToken))
        {
            silence.CancelAfter(LongestSilence);
            if (RemoteEvent.Of(items.Current) is { } happened)
            {
                yield return happened;
            }
        }
    }

    /// <summary>Asks for a job to be stopped.</summary>
    public async Task CancelAsync(string job, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, $"v1/jobs/{job}");
        using var answer = await SendAsync(request, cancellationToken);
    }

    /// <summary>The file of an image.</summary>
    public async Task<byte[]> DownloadAsync(string job, int image, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"v1/jobs/{job}/images/{image}");
        using var answer = await SendAsync(request, cancellationToken);
        return await GuardAsync(() => answer.Content.ReadAsByteArrayAsync(cancellationToken), cancellationToken);
    }

    /// <summary>What the key's tenant has used.</summary>
    public async Task<UsageView> UsageAsync(DateOnly first, DateOnly last, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Get,
            $"v1/usage?from={first:yyyy-MM-dd}&to={last:yyyy-MM-dd}"
        );
        using var answer = await SendAsync(request, cancellationToken);
        return await ReadAsync(answer, GatewayJson.Default.UsageView, cancellationToken);
    }

    /// <summary>What the cluster does now.</summary>
    public async Task<ClusterView> ClusterAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "v1/cluster");
        using var answer = await SendAsync(request, cancellationToken);
        return await ReadAsync(answer, GatewayJson.Default.ClusterView, cancellationToken);
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var answer = await GuardAsync(
            () => _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken),
            cancellationToken
        );
        if (answer.IsSuccessStatusCode)
        {
            return answer;
        }
        using (answer)
        {
            throw await ProblemAsync(answer, cancellationToken);
        }
    }

    private Task<JobView> ReadJobAsync(HttpResponseMessage answer, CancellationToken cancellationToken) =>
        ReadAsync(answer, GatewayJson.Default.JobView, cancellationToken);

    private async Task<T> ReadAsync<T>(
        HttpResponseMessage answer,
        JsonTypeInfo<T> type,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await GuardAsync(() => answer.Content.ReadFromJsonAsync(type, cancellationToken), cancellationToken)
                ?? throw NotOurs(answer);
        }
        catch (JsonException)
        {
            throw NotOurs(answer);
        }
    }

    private async Task<KontextException> ProblemAsync(HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        try
        {
            var problem = await GuardAsync(
                () => answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken),
                cancellationToken
            );
            if (
                problem.ValueKind == JsonValueKind.Object
                && problem.TryGetProperty("code", out var code)
                && ErrorCode.Find(code.ToString()) is { } known
            )
            {
                return new(known, problem.TryGetProperty("detail", out var detail) ? detail.ToString() : known.Meaning);
            }
        }
        catch (JsonException)
        {
            // Not one of ours.
        }
        return NotOurs(answer);
    }

    private KontextException NotOurs(HttpResponseMessage answer) =>
        new(
            ErrorCode.ServiceUnavailable,
            $"{_server} (--server) does not answer as a kontext server: {(int)answer.StatusCode} {answer.ReasonPhrase}."
        );

    /// <summary>Whatever breaks on the way is a server that does not answer.</summary>
    private async Task<T> GuardAsync<T>(Func<Task<T>> use, CancellationToken cancellationToken)
    {
        try
        {
            return await use();
        }
        catch (Exception error)
            when (error is HttpRequestException or IOException or HttpProtocolException
                || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            )
        {
            throw new KontextException(
                ErrorCode.ServiceUnavailable,
                $"{_server} (--server) cannot be reached: {error.Message.TrimEnd('.')}.",
                error
            );
        }
    }
}
