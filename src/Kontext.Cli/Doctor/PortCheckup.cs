using System.Net.Sockets;
using System.Text.Json;
using Kontext.Cli.Serve;
using Kontext.Contracts;
using Kontext.Contracts.Checkups;
using Microsoft.AspNetCore.Http;

namespace Kontext.Cli.Doctor;

/// <summary>Whether a process can listen where it is to: it does, for a moment.</summary>
internal sealed class PortCheckup(ServeSettings settings) : ICheckup
{
    /// <summary>A process of ours answers this at once, whatever else it does.</summary>
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public string Subject => "port";

    /// <inheritdoc/>
    public string Place => "--urls";

    /// <inheritdoc/>
    public async Task<Finding> RunAsync(CancellationToken cancellationToken)
    {
        var builder = ServeHost.CreateBuilder();
        var urls = ServeHost.Urls(builder.Configuration, settings);
        await using var app = ServeHost.BuildListener(builder, settings);
        try
        {
            await ServeRun.StartAsync(app, urls, cancellationToken);
            await app.StopAsync(cancellationToken);
            return Finding.Ok($"{urls} can be listened on");
        }
        catch (KontextException error)
        {
            return await IsOursAsync(urls, cancellationToken)
                ? Finding.Warning(
                    $"A kontext process serves at {urls}.",
                    "If it is the one that you mean all is well; if not, give --urls another port."
                )
                : Finding.Fault(error, Advice(error.InnerException));
        }
    }

    private static string Advice(Exception? error) =>
        error switch
        {
            IOException => "End what listens there ('ss -ltnp' shows it), or give --urls another port.",
            SocketException { SocketErrorCode: SocketError.AccessDenied } =>
                "Ports below 1024 are for root: give --urls a higher one, or the process CAP_NET_BIND_SERVICE.",
            SocketException { SocketErrorCode: SocketError.AddressNotAvailable } =>
                "No interface of this machine has that address ('ip addr' lists them): use http://0.0.0.0:PORT for all.",
            _ => "For https set Kestrel__Certificates__Default__Path (and __KeyPath), or use http behind a proxy.",
        };

    /// <summary>Whether what listens there is one of us.</summary>
    private static async Task<bool> IsOursAsync(string urls, CancellationToken cancellationToken)
    {
        var first = BindingAddress.Parse(urls.Split(';')[0]);
        // Who listens on all addresses listens on this one.
        var host = first.Host is "*" or "+" or "0.0.0.0" or "[::]" ? "127.0.0.1" : first.Host;
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = AnswerTimeout };
        try
        {
            var text = await http.GetStringAsync(
                $"{first.Scheme}://{host}:{first.Port}/healthz/live",
                cancellationToken
            );
            using var json = JsonDocument.Parse(text);
            return json.RootElement.TryGetProperty("status", out _) && json.RootElement.TryGetProperty("checks", out _);
        }
        catch (Exception error)
            when (error is HttpRequestException or JsonException or InvalidOperationException
                || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested)
            )
        {
            return false;
        }
    }
}
