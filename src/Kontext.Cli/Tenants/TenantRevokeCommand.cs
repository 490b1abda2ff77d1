using System.CommandLine;
using Kontext.Contracts;

namespace Kontext.Cli.Tenants;

/// <summary><c>kontext tenant revoke</c>.</summary>
internal static class TenantRevokeCommand
{
    public static Command Create(Terminal terminal)
    {
        var id = TenantCommand.IdArgument();
        var key = new Argument<string>("KEY") { Description = "Id of the key, as 'kontext tenant show' has it." };
        var data = TenantAccess.DataOption();
        var command = new DocumentedCommand(
            "revoke",
            "End a key of a tenant.",
            """
            It is refused a few seconds later. Make the tenant a new one first: kontext tenant rotate.

            Example:
              kontext tenant revoke acme 0a1b2c3d
            """
        )
        {
            id,
            key,
            data,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var revoked = parsed.GetRequiredValue(key);
                await using var access = TenantAccess.Open(parsed.GetValue(data));
                await access.ChangeAsync(
                    parsed.GetRequiredValue(id),
                    tenant =>
                        tenant.Keys.Any(known => known.Id == revoked)
                            ? tenant with
                            {
                                Keys = [.. tenant.Keys.Where(known => known.Id != revoked)],
                            }
                            : throw new KontextException(
                                ErrorCode.Usage,
                                $"The tenant '{tenant.Id}' has no key '{revoked}'; it has {string.Join(", ", tenant.Keys.Select(known => known.Id))}."
                            ),
                    cancellation
                );
                terminal.Error.WriteLine($"Key {revoked} is revoked.");
            }
        );
        return command;
    }
}
