using System.CommandLine;
using System.Globalization;
using Kontext.Cli.Remote;
using Kontext.Contracts;
using Kontext.Storage.Tenants;

namespace Kontext.Cli.Tenants;

/// <summary><c>kontext tenant usage</c>.</summary>
internal static class TenantUsageCommand
{
    private const string DayForm = "yyyy-MM-dd";
    private const int DefaultDays = 30;

    public static Command Create(Terminal terminal)
    {
        var id = new Argument<string?>("TENANT")
        {
            Description = "The tenant's id; with --server the key says whose it is.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var data = TenantAccess.DataOption();
        var from = Options.Text("--from", DayForm, $"First day, UTC. Default: {DefaultDays} days to --to.");
        var to = Options.Text("--to", DayForm, "Last day, UTC. Default: today.");
        var server = Options.Text("--server", "URL", "Ask this server, with the key in KONTEXT_API_KEY.");
        var command = new DocumentedCommand(
            "usage",
            "Show what a tenant has used each day: images and device time.",
            """
            Accounts are kept for 62 days, in Redis. A server that runs without Redis has them in its own process: ask it with --server.

            Examples:
              kontext tenant usage acme
              kontext tenant usage acme --from 2026-01-01 --to 2026-01-31
              KONTEXT_API_KEY=kx_acme_… kontext tenant usage --server http://127.0.0.1:8080
            """
        )
        {
            id,
            data,
            from,
            to,
            server,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var last = Day("--to", parsed.GetValue(to)) ?? DateOnly.FromDateTime(DateTime.UtcNow);
                var first = Day("--from", parsed.GetValue(from)) ?? last.AddDays(1 - DefaultDays);
                if (first > last || last.DayNumber - first.DayNumber >= UsageRange.MaxDays)
                {
                    throw new KontextException(
                        ErrorCode.Usage,
                        $"--from {first.ToString(DayForm, CultureInfo.InvariantCulture)} is after --to, or more than {UsageRange.MaxDays} days before it."
                    );
                }
                Write(terminal.Out, await ReadAsync(parsed.GetValue(server), first, last));

                async Task<IReadOnlyList<DayUsage>> ReadAsync(string? url, DateOnly first, DateOnly last)
                {
                    if (url is not null)
                    {
                        using var client = new GatewayClient(GatewayClient.ParseServer(url));
                        var view = await client.UsageAsync(first, last, cancellation);
                        return [.. view.Days.Select(day => new DayUsage(day.Date, day.Images, day.DeviceMs))];
                    }
                    var name =
                        parsed.GetValue(id)
                        ?? throw new KontextException(ErrorCode.Usage, "Say which TENANT, or give --server.");
                    await using var access = TenantAccess.Open(parsed.GetValue(data));
                    await access.GetAsync(name, cancellation);
                    return await access.Usage.ReadAsync(name, first, last, cancellation);
                }
            }
        );
        return command;
    }

    private static void Write(TextWriter output, IReadOnlyList<DayUsage> days)
    {
        output.WriteLine($"{"day", -12}{"images", 10}{"device time", 16}");
        foreach (var day in days.Where(day => day is { Images: > 0 } or { DeviceMs: > 0 }))
        {
            Row(day.Day.ToString(DayForm, CultureInfo.InvariantCulture), day.Images, day.DeviceMs);
        }
        Row("sum", days.Sum(day => day.Images), days.Sum(day => day.DeviceMs));

        void Row(string day, long images, double ms) =>
            output.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"{day, -12}{images, 10}{ms / 1000, 14:0.000} s")
            );
    }

    private static DateOnly? Day(string option, string? text) =>
        text is null ? null
        : DateOnly.TryParseExact(text, DayForm, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day
        : throw new KontextException(ErrorCode.Usage, $"{option} takes a day such as 2026-01-31, not '{text}'.");
}
