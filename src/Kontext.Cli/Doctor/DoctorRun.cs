using System.Globalization;
using System.Text.Json;
using Kontext.Cli.Serve;
using Kontext.Contracts;
using Kontext.Contracts.Checkups;
using Kontext.Messaging.Checkups;
using Kontext.Storage.Checkups;

namespace Kontext.Cli.Doctor;

/// <summary>Looks at everything that serving depends on, side by side, and says what is wrong and what to do.</summary>
internal static class DoctorRun
{
    /// <summary>Looks.</summary>
    /// <returns>0 if there is no fault, else the exit code of the first one.</returns>
    public static async Task<int> ExecuteAsync(
        DoctorSettings settings,
        Terminal terminal,
        TimeProvider time,
        bool json,
        CancellationToken cancellationToken
    )
    {
        var running = Checkups(settings, terminal, time)
            .Select(checkup => Diagnosis.OfAsync(checkup, settings.Limit, cancellationToken))
            .ToArray();
        var found = new List<Diagnosis>();
        foreach (var one in running)
        {
            found.Add(await one);
            if (!json)
            {
                Write(terminal.Out, found[^1]);
            }
        }
        var report = DoctorReport.Of(found);
        terminal.Out.WriteLine(
            json
                ? JsonSerializer.Serialize(report, CliJson.Default.DoctorReport)
                : $"{found.Count} checks: {Count(report.Faults, "fault")}, {Count(report.Warnings, "warning")}."
        );
        return found.Select(one => one.Finding.Code).FirstOrDefault(code => code is not null)?.ExitCode ?? 0;
    }

    private static IEnumerable<ICheckup> Checkups(DoctorSettings settings, Terminal terminal, TimeProvider time)
    {
        var serve = settings.Serve;
        var configuration = ServeHost.CreateBuilder().Configuration;
        List<ICheckup> checkups =
        [
            new ConfigurationCheckup(serve, settings.Models, terminal.Models),
            .. Readable(() => MessagingCheckups.Of(configuration)),
            .. Readable(() => StorageCheckups.Of(configuration, serve.DataFolder, time)),
            new DataFolderCheckup(serve.DataFolder, holdsIt: ServeServers.Of(configuration).Redis is null),
        ];
        if (serve.Role.HasFlag(ServeRole.Worker))
        {
            checkups.AddRange(settings.Models.Select(model => new ModelCheckup(model, terminal.Models)));
            checkups.Add(new DeviceCheckup(serve.Device));
        }
        checkups.Add(new PortCheckup(serve));
        return checkups;
    }

    /// <summary>What cannot be read names no server to look at; the checkup of the configuration says so.</summary>
    private static IReadOnlyList<ICheckup> Readable(Func<IReadOnlyList<ICheckup>> read)
    {
        try
        {
            return read();
        }
        catch (KontextException)
        {
            return [];
        }
    }

    private static string Count(int number, string noun) => $"{number} {noun}{(number == 1 ? "" : "s")}";

    private static void Write(TextWriter output, Diagnosis diagnosis)
    {
        var finding = diagnosis.Finding;
        var latency = finding.Latency is { } taken
            ? string.Create(CultureInfo.InvariantCulture, $"{taken.TotalMilliseconds:0.0} ms")
            : null;
        string[] measured = [.. new[] { finding.Version, latency }.OfType<string>()];
        var level = finding.Level.ToString().ToLowerInvariant();
        var suffix = measured.Length > 0 ? $" [{string.Join(", ", measured)}]" : "";
        output.WriteLine($"{level, -8} {diagnosis.Subject, -14} {KontextCommandLine.OneLine(finding.What)}{suffix}");
        if (finding.Advice is { } advice)
        {
            output.WriteLine($"{"", -8} {"", -14} -> {KontextCommandLine.OneLine(advice)}");
        }
        output.Flush();
    }
}
