using System.CommandLine;

namespace Kontext.Cli.Tenants;

/// <summary><c>kontext tenant list</c>.</summary>
internal static class TenantListCommand
{
    public static Command Create(Terminal terminal)
    {
        var data = TenantAccess.DataOption();
        var command = new DocumentedCommand(
            "list",
            "List all tenants.",
            """
            Example:
              kontext tenant list
            """
        )
        {
            data,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                await using var access = TenantAccess.Open(parsed.GetValue(data));
                foreach (var id in (await access.Store.ListAsync(cancellation)).Order(StringComparer.Ordinal))
                {
                    if (await access.Store.FindAsync(id, cancellation) is { } tenant)
                    {
                        var state =
                            tenant.IsDisabled ? "disabled"
                            : tenant.IsOperator ? "operator"
                            : "active";
                        terminal.Out.WriteLine($"{id, -24} {state, -9} {tenant.Keys.Count, 2} keys  {tenant.Name}");
                    }
                }
            }
        );
        return command;
    }
}
