using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace Kontext.Outbound.Filters;

/// <summary>Asks the HTTP hooks that are configured.</summary>
internal sealed class HttpFilter(IHttpClientFactory clients, IOptions<FilterOptions> options) : IContentFilter
{
    /// <summary>Name of a kind's HTTP client.</summary>
    public static string Client(FilterKind kind) => $"kontext.filter.{kind}";

    public bool Covers(FilterKind kind) => options.Value[kind].Url is not null;

    public async Task<FilterAnswer> AskAsync(FilterQuestion question, CancellationToken cancellationToken)
    {
        var hook = options.Value[question.Kind];
        using var client = clients.CreateClient(Client(question.Kind));
        using var request = new HttpRequestMessage(HttpMethod.Post, hook.Url)
        {
            // Its length is known: not every receiver takes chunks.
            Content = new ByteArrayContent(
                JsonSerializer.SerializeToUtf8Bytes(question, FilterJson.Default.FilterQuestion)
            )
            {
                Headers = { ContentType = new("application/json") },
            },
        };
        if (hook.Secret is { } secret)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        }
        using var answer = await client.SendAsync(request, cancellationToken);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync(FilterJson.Default.FilterAnswer, cancellationToken)
            ?? throw new JsonException("The answer is null.");
    }
}
