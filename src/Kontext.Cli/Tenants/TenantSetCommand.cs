using System.CommandLine;

namespace Kontext.Cli.Tenants;

/// <summary><c>kontext tenant set</c>.</summary>
internal static class TenantSetCommand
{
    public static Command Create(Terminal terminal)
    {
        var id = TenantCommand.IdArgument();
        var data = TenantAccess.DataOption();
        var limits = new TenantArguments();
        var command = new DocumentedCommand(
            "set",
            "Change a tenant's limits, and show the tenant.",
            """
            What is not given stays as it is; none takes a limit away. It counts a few seconds later, also for jobs that wait.

            Examples:
              kontext tenant set acme --rate 1200 --budget none
              kontext tenant set acme --models kontext-tiny,flux-kontext-dev --operator yes
            """
        )
        {
            id,
            data,
        };
        limits.AddTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                await using var access = TenantAccess.Open(parsed.GetValue(data));
                var changed = await access.ChangeAsync(
                    parsed.GetRequiredValue(id),
                    tenant => limits.Apply(parsed, tenant),
                    cancellation
                );
                TenantShowCommand.Show(changed, terminal.Out);
            }
        );
        return command;
    }
}
