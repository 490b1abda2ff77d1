using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Kontext.Servers;

/// <summary>A filter of somebody else's, on a real port: answers as it is told to, and remembers what it was asked.</summary>
public sealed class FilterServer : IAsyncDisposable
{
    /// <summary>Lets everything pass.</summary>
    public const string Allow = """{"allow": true}""";

    /// <summary>Refuses everything.</summary>
    public const string Refuse = """{"allow": false, "category": "violence"}""";

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<FilterServerQuestion> _asked = new();

    private FilterServer(WebApplication app)
    {
        _app = app;
        app.Run(AnswerAsync);
    }

    /// <summary>Where it listens.</summary>
    public string Url => _app.Urls.First();

    /// <summary>What it answers with; null: it closes the connection.</summary>
    public string? Answer { get; set; } = Allow;

    /// <summary>The status of its answers.</summary>
    public int Status { get; set; } = StatusCodes.Status200OK;

    /// <summary>What it was asked, in order.</summary>
    public IReadOnlyList<FilterServerQuestion> Asked => [.. _asked];

    /// <summary>Starts one.</summary>
    public static async Task<FilterServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var hook = new FilterServer(builder.Build());
        await hook._app.StartAsync();
        return hook;
    }

    /// <summary>Stops it.</summary>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        using var body = await JsonDocument.ParseAsync(context.Request.Body, default, context.RequestAborted);
        _asked.Enqueue(new(body.RootElement.Clone(), context.Request.Headers.Authorization));
        if (Answer is not { } answer)
        {
            context.Abort();
            return;
        }
        context.Response.StatusCode = Status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(answer, context.RequestAborted);
    }
}
