using System.CommandLine;
using System.Text.Json;
using Kontext.Cli.Remote;
using Kontext.Contracts;

namespace Kontext.Cli.Commands;

/// <summary>
/// <c>kontext health</c>: what a container's health check runs, so that images need no shell and no other client.
/// </summary>
internal static class HealthCommand
{
    private const string DefaultServer = "http://127.0.0.1:8080";

    /// <summary>Less than what health checks wait by default (30 s), so that the reason is seen and not only a timeout.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static Command Create(Terminal terminal)
    {
        var server = Options.Text("--server", "URL", $"The process to ask. Default: {DefaultServer}.");
        var live = Options.Switch("--live", "Ask whether it lives, not whether it can do its work now.");
        var command = new DocumentedCommand(
            "health",
            "Ask a 'kontext serve' of any role whether it can do its work.",
            """
            Exit code 0: it can. 5: it cannot, or does not answer; the error names the checks that failed.

            Examples:
              kontext health
              kontext health --live --server http://127.0.0.1:8081
            """
        )
        {
            server,
            live,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var address = GatewayClient.ParseServer(parsed.GetValue(server) ?? DefaultServer);
                var path = parsed.GetValue(live) ? "healthz/live" : "healthz/ready";
                terminal.Out.WriteLine(await AskAsync(new(address, path), cancellation));
            }
        );
        return command;
    }

    private static async Task<string> AskAsync(Uri address, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = !address.IsLoopback })
        {
            Timeout = Patience,
        };
        string body;
        bool isHealthy;
        try
        {
            using var answer = await http.GetAsync(address, cancellationToken);
            isHealthy = answer.IsSuccessStatusCode;
            body = await answer.Content.ReadAsStringAsync(cancellationToken);
        }
        catch (HttpRequestException error)
        {
            throw Unhealthy($"{address} does not answer: {error.Message.TrimEnd('.')}.", error);
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw Unhealthy($"{address} does not answer within {Patience.TotalSeconds} s.", error);
        }
        return isHealthy ? body : throw Unhealthy($"{address} says: {Failed(body)}.");
    }

    /// <summary>The checks that failed, or all of an answer that is not this program's.</summary>
    private static string Failed(string body)
    {
        try
        {
            using var answer = JsonDocument.Parse(body);
            return string.Join(
                "; ",
                answer
                    .RootElement.GetProperty("checks")
                    .EnumerateObject()
                    .Where(check => check.Value.GetProperty("status").GetString() != "healthy")
                    .Select(check =>
                        check.Value.TryGetProperty("description", out var text)
                            ? $"{check.Name}, {text.GetString()?.TrimEnd('.')}"
                            : check.Name
                    )
            );
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return body.Trim();
        }
    }

    private static KontextException Unhealthy(string message, Exception? cause = null) =>
        new(ErrorCode.ServiceUnavailable, message, cause);
}
