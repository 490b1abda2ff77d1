using System.CommandLine;
using Kontext.Contracts.Tenants;

namespace Kontext.Cli.Tenants;

/// <summary><c>kontext tenant</c>: who may use the server, with what keys and within what limits.</summary>
internal static class TenantCommand
{
    public static Command Create(Terminal terminal) =>
        new DocumentedCommand(
            "tenant",
            "Create tenants and their keys, set their limits, see what they use.",
            """
            Tenants are in the object store of the server: with the environment variables that 'kontext serve' has, or its --data,
            these commands work whether it runs or not; what they change counts a few seconds later. Until the first one is created
            no key is needed, and only loopback is listened on.

            Examples:
              kontext tenant create acme --rate 600 --max-running 8 --budget 10h
              kontext tenant rotate acme --overlap 24h
              kontext tenant usage acme --from 2026-01-01
            """
        )
        {
            TenantCreateCommand.Create(terminal),
            TenantListCommand.Create(terminal),
            TenantShowCommand.Create(terminal),
            TenantSetCommand.Create(terminal),
            TenantRotateCommand.Create(terminal),
            TenantRevokeCommand.Create(terminal),
            TenantDisableCommand.Create(terminal, disables: true),
            TenantDisableCommand.Create(terminal, disables: false),
            TenantUsageCommand.Create(terminal),
        };

    /// <summary>The argument that names a tenant.</summary>
    internal static Argument<string> IdArgument() => new("TENANT") { Description = "The tenant's id." };

    /// <summary>Shows a key for the only time.</summary>
    internal static void ShowKey(Terminal terminal, ApiKey key, string text)
    {
        terminal.Error.WriteLine($"Key {key.Id} is shown this once; only its hash is kept.");
        terminal.Out.WriteLine(text);
    }
}
