using System.CommandLine;

namespace Kontext.Cli.Tenants;

/// <summary><c>kontext tenant disable</c> and <c>enable</c>.</summary>
internal static class TenantDisableCommand
{
    public static Command Create(Terminal terminal, bool disables)
    {
        var name = disables ? "disable" : "enable";
        var id = TenantCommand.IdArgument();
        var data = TenantAccess.DataOption();
        var command = new DocumentedCommand(
            name,
            disables ? "Refuse all requests of a tenant for now." : "Take requests of a disabled tenant again.",
            $"""
            Jobs that were accepted are finished either way.

            Example:
              kontext tenant {name} acme
            """
        )
        {
            id,
            data,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                await using var access = TenantAccess.Open(parsed.GetValue(data));
                var tenant = await access.ChangeAsync(
                    parsed.GetRequiredValue(id),
                    tenant => tenant with { IsDisabled = disables },
                    cancellation
                );
                terminal.Error.WriteLine($"{tenant.Id} is {name}d.");
            }
        );
        return command;
    }
}
