using System.CommandLine;
using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tenants;

namespace Kontext.Cli.Tenants;

/// <summary><c>kontext tenant create</c>.</summary>
internal static class TenantCreateCommand
{
    public static Command Create(Terminal terminal)
    {
        var id = TenantCommand.IdArgument();
        var data = TenantAccess.DataOption();
        var limits = new TenantArguments();
        var command = new DocumentedCommand(
            "create",
            "Create a tenant and print its first key.",
            """
            The id is 1 to 40 small letters, digits and dashes, and never changes. Without options there are no limits. The key is
            all that goes to standard output.

            Examples:
              kontext tenant create acme
              kontext tenant create trial --rate 60 --max-waiting 10 --max-running 1 --budget 30m --priorities standard,batch
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
                var name = parsed.GetRequiredValue(id);
                if (!TenantIds.IsValid(name))
                {
                    throw new KontextException(
                        ErrorCode.Usage,
                        $"'{name}' is no id of a tenant: it has 1 to 40 small letters, digits and dashes, and does not begin with a dash."
                    );
                }
                var now = TimeProvider.System.GetUtcNow();
                var (text, key) = ApiKeys.Create(name, now);
                var tenant = limits.Apply(
                    parsed,
                    new()
                    {
                        Id = name,
                        Name = name,
                        WebhookSecret = WebhookSecret.Create(),
                        CreatedAt = now,
                        Keys = [key],
                    }
                );
                await using var access = TenantAccess.Open(parsed.GetValue(data));
                await access.Store.CreateAsync(tenant, cancellation);
                TenantCommand.ShowKey(terminal, key, text);
            }
        );
        return command;
    }
}
