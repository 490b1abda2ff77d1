using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Kontext.Servers;

/// <summary>An HTTP server that a test plays: what others are sent, and answers as the test says, on a port of 127.0.0.1.</summary>
public sealed class LocalReceiver : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<ReceivedRequest> _requests = new();

    private LocalReceiver(WebApplication app) => _app = app;

    /// <summary>Where it listens.</summary>
    public Uri Url => new(_app.Urls.First());

    /// <summary>What has come, in order.</summary>
    public IReadOnlyList<ReceivedRequest> Requests => [.. _requests];

    /// <summary>Starts one.</summary>
    /// <param name="answer">Answers the request of a number, counted from 1; by itself it answers 200 with nothing.</param>
    /// <param name="address">Where to listen.</param>
    public static async Task<LocalReceiver> StartAsync(
        Func<HttpContext, int, Task> answer,
        string address = "127.0.0.1"
    )
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls($"http://{address}:0");
        builder.Logging.ClearProviders();
        var receiver = new LocalReceiver(builder.Build());
        receiver._app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            receiver._requests.Enqueue(
                new(
                    context.Request.Path,
                    context.Request.Headers.ToDictionary(
                        header => header.Key,
                        header => header.Value.ToString(),
                        StringComparer.OrdinalIgnoreCase
                    ),
                    Encoding.UTF8.GetString(body.ToArray())
                )
            );
            await answer(context, receiver._requests.Count);
        });
        await receiver._app.StartAsync();
        return receiver;
    }

    /// <summary>Starts one that answers all requests alike.</summary>
    public static Task<LocalReceiver> StartAsync(Func<HttpContext, Task> answer, string address = "127.0.0.1") =>
        StartAsync((context, _) => answer(context), address);

    /// <summary>Starts one that answers with statuses in order, and with the last one from then on.</summary>
    public static Task<LocalReceiver> StartAsync(params int[] statuses) =>
        StartAsync(
            (context, number) =>
            {
                context.Response.StatusCode = statuses[Math.Min(number, statuses.Length) - 1];
                return Task.CompletedTask;
            }
        );

    /// <summary>Waits until so many requests have come.</summary>
    /// <exception cref="TimeoutException">They do not come.</exception>
    public async Task UntilAsync(int requests, CancellationToken cancellationToken)
    {
        for (var waited = Stopwatch.StartNew(); _requests.Count < requests; await Task.Delay(10, cancellationToken))
        {
            if (waited.Elapsed > Patience)
            {
                throw new TimeoutException($"{_requests.Count} requests have come, not {requests}.");
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }
}
