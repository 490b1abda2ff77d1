using System.CommandLine;
using System.Text.Json;
using Kontext.Contracts;

namespace Kontext.Cli.Commands;

/// <summary><c>kontext bench pipeline</c>: what the system itself costs, with stages that only wait.</summary>
internal static class BenchPipelineCommand
{
    private const int MostJobs = 1_000_000;
    private const int DefaultJobs = 1000;

    public static Command Create(Terminal terminal)
    {
        var jobs = Options.Number<int>("--jobs", $"Jobs to run at full load. Default: {DefaultJobs}.");
        var stageTime = Options.Number<double>("--stage-time", "Milliseconds that each stage waits. Default: 0.");
        var alone = Options.Number<int>("--single", "Jobs of which each is timed alone before. Default: 50.");
        var data = Options.Text(
            "--data",
            "DIR",
            "Folder of the object store where none is configured. Default: a new one."
        );
        var json = Options.Switch("--json", "Print JSON.");
        var command = new DocumentedCommand(
            "pipeline",
            "Time jobs from their submission until their end is visible, through all three stages that only wait.",
            """
            Gateway, coordinator and worker run in this process, over the servers that are configured as for 'kontext serve' or, where
            none is, over embedded ones. Everything is written that a real job writes: acceptance, records, claims, tensors, files,
            results and the terminal record. What is left is the time that the system adds. HTTP is not in it. Telemetry is as for 'kontext
            serve'; Telemetry__Enabled=false does without.

            Examples:
              kontext bench pipeline
              ConnectionStrings__RabbitMq=amqp://guest:guest@127.0.0.1 ConnectionStrings__Redis=127.0.0.1 \
                kontext bench pipeline --jobs 5000
            """
        )
        {
            jobs,
            stageTime,
            alone,
            data,
            json,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var settings = new PipelineBenchSettings(
                    Check("--jobs", parsed.GetValue(jobs) ?? DefaultJobs, 1, MostJobs),
                    TimeSpan.FromMilliseconds(Check("--stage-time", parsed.GetValue(stageTime) ?? 0, 0, 60_000)),
                    Check("--single", parsed.GetValue(alone) ?? 50, 0, MostJobs),
                    parsed.GetValue(data)
                );
                await using var bench = await PipelineBench.StartAsync(terminal, settings, cancellation);
                var report = await bench.RunAsync(cancellation);
                terminal.Out.WriteLine(
                    parsed.GetValue(json)
                        ? JsonSerializer.Serialize(report, CliJson.Default.PipelineBenchReport)
                        : report.ToText()
                );
                return 0;
            }
        );
        return command;
    }

    private static T Check<T>(string option, T value, T least, T most)
        where T : IComparable<T> =>
        value.CompareTo(least) >= 0 && value.CompareTo(most) <= 0
            ? value
            : throw new KontextException(ErrorCode.Usage, $"{option} takes {least} to {most}, not {value}.");
}
