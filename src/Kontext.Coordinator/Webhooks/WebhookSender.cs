using System.Globalization;
using System.Net;
using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Outbound;
using Microsoft.Extensions.Options;

namespace Kontext.Coordinator.Webhooks;

/// <summary>Makes one attempt: a POST through the guarded client, which reaches no address that it must not.</summary>
internal sealed class WebhookSender(IHttpClientFactory clients, IOptions<WebhookOptions> options, TimeProvider clock)
{
    private readonly TimeSpan _timeout = options.Value.Timeout;

    /// <summary>Tells a receiver of a job's end. The body of its answer is not read.</summary>
    /// <param name="record">The ended job.</param>
    /// <param name="webhook">Its receiver.</param>
    /// <param name="cancellationToken">Stops it: nobody knows then whether it was taken.</param>
    public async Task<WebhookAnswer> SendAsync(
        JobRecord record,
        JobWebhook webhook,
        CancellationToken cancellationToken
    )
    {
        using var limit = new CancellationTokenSource(_timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var client = clients.CreateClient(OutboundServices.GuardedClient);
        using var request = Request(record, webhook);
        try
        {
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var status = answer.StatusCode;
            var words = string.Create(CultureInfo.InvariantCulture, $"{(int)status}");
            return (int)status is >= 300 and < 400
                ? new($"{words}, and redirects are not followed", status)
                : new(words, status, RetryAfter(answer));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new($"no answer within {_timeout.TotalSeconds} s");
        }
        catch (HttpRequestException error) when (error.InnerException is KontextException forbidden)
        {
            return new($"{forbidden.Code.Name}: {forbidden.Message}", IsForbidden: true);
        }
        catch (HttpRequestException error)
        {
            return new($"not reached: {error.HttpRequestError}");
        }
    }

    private HttpRequestMessage Request(JobRecord record, JobWebhook webhook)
    {
        var (id, body) = (WebhookEvent.Id(record.Spec.Id), WebhookEvent.Of(record));
        var timestamp = clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var key =
            WebhookSecret.Parse(webhook.Secret)
            ?? throw new KontextException(ErrorCode.Internal, "A webhook's secret was accepted and is none.");
        var request = new HttpRequestMessage(HttpMethod.Post, webhook.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", timestamp);
        request.Headers.Add("webhook-signature", WebhookSignature.Of(key, id, timestamp, body));
        return request;
    }

    private TimeSpan? RetryAfter(HttpResponseMessage answer) =>
        answer.Headers.RetryAfter is { } asked ? asked.Delta ?? (asked.Date - clock.GetUtcNow()) : null;
}
