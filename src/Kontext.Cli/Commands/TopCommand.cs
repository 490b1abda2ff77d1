using System.CommandLine;
using Kontext.Cli.Remote;
using Kontext.Cli.Top;

namespace Kontext.Cli.Commands;

/// <summary><c>kontext top</c>: what a cluster does at this moment.</summary>
internal static class TopCommand
{
    private const string DefaultServer = "http://127.0.0.1:8080";

    private static readonly Option<string?> Server = Options.Text(
        "--server",
        "URL",
        $"The gateway to ask. Default: {DefaultServer}."
    );

    private static readonly Option<string?> Key = Options.Text(
        "--key",
        "KEY",
        "Key of a tenant, where there are tenants. Better in KONTEXT_API_KEY: others on this machine can read a command line."
    );

    private static readonly Option<bool> Once = Options.Switch("--once", "Print the state once, all of it, and end.");

    private static readonly Option<bool> Json = Options.Switch(
        "--json",
        "Print the state once, as the gateway's /v1/cluster tells it."
    );

    public static Command Create(Terminal terminal)
    {
        var command = new DocumentedCommand(
            "top",
            "Watch a cluster: lanes, workers, tenants and the leader.",
            """
            Asks a gateway every second and shows the answer until q or Ctrl-C. What needs looking at is red: no leader, or a lane
            in which work waits and from which no worker takes. Where the output is no terminal it is printed once. Shares of all
            tenants are shown to operators ('kontext tenant set NAME --operator yes'), to others their own.

            Examples:
              kontext top
              KONTEXT_API_KEY=kx_acme_… kontext top --server https://kontext.example.org
              kontext top --once
              kontext top --json | jq '.lanes[] | select(.waiting > 0)'
            """
        )
        {
            Server,
            Key,
            Once,
            Json,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var server = GatewayClient.ParseServer(parsed.GetValue(Server) ?? DefaultServer);
                using var client = new GatewayClient(server, parsed.GetValue(Key));
                var top = new TopRun(client, server, terminal, TimeProvider.System);
                await (
                    parsed.GetValue(Json) ? top.PrintJsonAsync(cancellation)
                    : parsed.GetValue(Once) || !terminal.HasScreen ? top.PrintAsync(cancellation)
                    : top.WatchAsync(cancellation)
                );
            }
        );
        return command;
    }
}
