using System.CommandLine;
using Kontext.Contracts.Tenants;

namespace Kontext.Cli.Tenants;

/// <summary><c>kontext tenant rotate</c>.</summary>
internal static class TenantRotateCommand
{
    private const string DefaultOverlap = "24h";

    public static Command Create(Terminal terminal)
    {
        var id = TenantCommand.IdArgument();
        var data = TenantAccess.DataOption();
        var overlap = Options.Text(
            "--overlap",
            "TIME",
            $"How long the keys there are now stay valid, such as 1h or 7d. Default: {DefaultOverlap}."
        );
        var command = new DocumentedCommand(
            "rotate",
            "Make a new key for a tenant and print it; the old ones run out.",
            """
            Keys that have run out are forgotten. With --overlap 0s the old ones end at once.

            Examples:
              kontext tenant rotate acme
              kontext tenant rotate acme --overlap 7d
            """
        )
        {
            id,
            data,
            overlap,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var now = TimeProvider.System.GetUtcNow();
                var end = now + Durations.Parse("--overlap", parsed.GetValue(overlap) ?? DefaultOverlap);
                var name = parsed.GetRequiredValue(id);
                var (text, key) = ApiKeys.Create(name, now);
                await using var access = TenantAccess.Open(parsed.GetValue(data));
                await access.ChangeAsync(
                    name,
                    tenant => tenant with { Keys = [.. Ending(tenant.Keys, now, end), key] },
                    cancellation
                );
                TenantCommand.ShowKey(terminal, key, text);
            }
        );
        return command;
    }

    /// <summary>The keys that have not run out, none of which is to hold longer than until a time.</summary>
    private static IEnumerable<ApiKey> Ending(IEnumerable<ApiKey> keys, DateTimeOffset now, DateTimeOffset end) =>
        keys.Where(key => !key.HasExpired(now))
            .Select(key => key.ExpiresAt <= end ? key : key with { ExpiresAt = end })
            .Where(key => !key.HasExpired(now));
}
