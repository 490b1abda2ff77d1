using System.CommandLine;
using System.Globalization;
using Kontext.Contracts.Tenants;

namespace Kontext.Cli.Tenants;

/// <summary><c>kontext tenant show</c>.</summary>
internal static class TenantShowCommand
{
    public static Command Create(Terminal terminal)
    {
        var id = TenantCommand.IdArgument();
        var data = TenantAccess.DataOption();
        var command = new DocumentedCommand(
            "show",
            "Show a tenant's limits, its webhook secret, and its keys without their text.",
            """
            Example:
              kontext tenant show acme
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
                Show(await access.GetAsync(parsed.GetRequiredValue(id), cancellation), terminal.Out);
            }
        );
        return command;
    }

    /// <summary>Writes a tenant as people read it.</summary>
    internal static void Show(Tenant tenant, TextWriter output)
    {
        (string Name, object? Value)[] rows =
        [
            ("id", tenant.Id),
            ("name", tenant.Name),
            ("created", tenant.CreatedAt),
            ("disabled", tenant.IsDisabled ? "yes" : "no"),
            ("operator", tenant.IsOperator ? "yes" : "no"),
            ("weight", tenant.Weight),
            ("rate", tenant.RequestsPerMinute is { } rate ? $"{rate} requests a minute" : null),
            ("max waiting", tenant.MaxWaiting),
            ("max running", tenant.MaxRunning),
            (
                "budget",
                tenant.DailyBudgetMs is { } ms ? $"{Durations.Show(TimeSpan.FromMilliseconds(ms))} a day" : null
            ),
            ("models", tenant.Models is { } models ? string.Join(", ", models) : "any"),
            ("priorities", tenant.Priorities is { } any ? string.Join(", ", any).ToLowerInvariant() : "any"),
            ("retention", tenant.RetentionDays is { } days ? $"{days} days" : null),
            ("webhook secret", tenant.WebhookSecret),
        ];
        foreach (var (name, value) in rows)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name, -15} {Text(value ?? "no limit")}"));
        }
        foreach (var key in tenant.Keys)
        {
            var until = key.ExpiresAt is { } expires ? $"until {Text(expires)}" : "";
            output.WriteLine($"{"key", -15} {key.Id} of {Text(key.CreatedAt)} {until}".TrimEnd());
        }
    }

    private static string Text(object value) =>
        value is DateTimeOffset time
            ? time.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)
            : string.Create(CultureInfo.InvariantCulture, $"{value}");
}
