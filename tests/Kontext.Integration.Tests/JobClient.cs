using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Kontext.Flux.Images;

namespace Kontext.Integration.Tests;

/// <summary>The native API as any program would use it.</summary>
internal sealed class JobClient(Uri url) : IDisposable
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);
    private readonly HttpClient _http = new() { BaseAddress = url, Timeout = TimeSpan.FromSeconds(60) };

    public HttpClient Http => _http;

    /// <summary>Submits a job.</summary>
    /// <returns>Its id, where it was accepted.</returns>
    public async Task<string?> TrySubmitAsync(object body, string? idempotencyKey, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/jobs") { Content = JsonContent.Create(body) };
        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }
        try
        {
            using var answer = await _http.SendAsync(request, cancellationToken);
            if (answer.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.OK)
            {
                var job = await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
                return job.GetProperty("id").GetString();
            }
            var problem = await answer.Content.ReadAsStringAsync(cancellationToken);
            return (int)answer.StatusCode is 429 or 503 ? null : throw new InvalidOperationException(problem);
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>Submits a job until it is accepted, as a client does that knows its key.</summary>
    public async Task<string> SubmitAsync(object body, CancellationToken cancellationToken)
    {
        var key = Guid.NewGuid().ToString("N");
        while (true)
        {
            if (await TrySubmitAsync(body, key, cancellationToken) is { } id)
            {
                return id;
            }
            await Task.Delay(BetweenLooks, cancellationToken);
        }
    }

    /// <summary>A job as it is now; null where the gateway does not answer.</summary>
    public async Task<JsonElement?> TryGetAsync(string id, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await _http.GetAsync($"v1/jobs/{id}", cancellationToken);
            return answer.StatusCode switch
            {
                HttpStatusCode.OK => await answer.Content.ReadFromJsonAsync<JsonElement>(cancellationToken),
                HttpStatusCode.NotFound => throw new InvalidOperationException($"Job {id} is lost."),
                _ => null,
            };
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>A job once it has ended.</summary>
    public async Task<JsonElement> EndAsync(string id, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await TryGetAsync(id, cancellationToken) is { } job && HasEnded(job))
            {
                return job;
            }
            await Task.Delay(BetweenLooks, cancellationToken);
        }
    }

    public static bool HasEnded(JsonElement job) =>
        StatusOf(job) is "succeeded" or "failed" or "cancelled" or "expired";

    public static string StatusOf(JsonElement job) => job.GetProperty("status").GetString()!;

    /// <summary>An image of a job.</summary>
    public async Task<RgbImage> ImageAsync(string id, int index, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var bytes = await _http.GetByteArrayAsync($"v1/jobs/{id}/images/{index}", cancellationToken);
                return ImageDecoder.Decode(bytes);
            }
            catch (HttpRequestException error) when (error.StatusCode is null or HttpStatusCode.ServiceUnavailable)
            {
                await Task.Delay(BetweenLooks, cancellationToken);
            }
        }
    }

    public void Dispose() => _http.Dispose();
}
