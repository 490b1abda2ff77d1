using System.CommandLine;
using System.Text.Json;
using Kontext.Contracts;
using Kontext.Messaging;
using Microsoft.Extensions.Configuration;

namespace Kontext.Cli.Commands;

/// <summary><c>kontext bench fairness</c>: who gets the devices while many want them.</summary>
internal static class BenchFairnessCommand
{
    private const int DefaultJobs = 100;
    private const int DefaultWorkers = 1;

    /// <summary>With fewer a share of 5 % off is one task.</summary>
    private const int LeastJobs = 40;
    private const int MostJobs = 10_000;
    private const int MostWorkers = 16;

    public static Command Create(Terminal terminal)
    {
        var jobs = Options.Number<int>(
            "--jobs",
            $"Jobs of the tenant that asks for least in the first scenario; the others have more. Default: {DefaultJobs}."
        );
        var workers = Options.Number<int>(
            "--workers",
            $"Workers that denoise; more than one need RabbitMQ. Default: {DefaultWorkers}."
        );
        var json = Options.Switch("--json", "Print JSON.");
        var command = new DocumentedCommand(
            "fairness",
            "Measure what share of the devices tenants get while all of them have work that waits.",
            """
            Gateway, coordinator and workers run in this process over embedded servers; steps only wait, by the size of the image. Two
            tenants of equal weight, one with ten times the jobs and twice the size; weights 3:1; twenty tenants. Where a share is more than
            5 % from what is due, or Jain's index of the twenty below 0.98, the exit code is 1.

            With ConnectionStrings__RabbitMq, a broker that nobody else uses meanwhile, there can be several workers.

            Examples:
              kontext bench fairness
              ConnectionStrings__RabbitMq=amqp://guest:guest@127.0.0.1 kontext bench fairness --workers 4 --json
            """
        )
        {
            jobs,
            workers,
            json,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var count = Check("--jobs", parsed.GetValue(jobs) ?? DefaultJobs, LeastJobs, MostJobs);
                var devices = Check("--workers", parsed.GetValue(workers) ?? DefaultWorkers, 1, MostWorkers);
                var broker = new ConfigurationBuilder()
                    .AddEnvironmentVariables()
                    .Build()
                    .GetConnectionString(MessagingServices.ConnectionName);
                if (devices > 1 && string.IsNullOrEmpty(broker))
                {
                    throw new KontextException(
                        ErrorCode.Usage,
                        $"--workers {devices} needs ConnectionStrings__{MessagingServices.ConnectionName}: queues in this process have one worker."
                    );
                }
                var model = terminal.Models.Open(GenerationArguments.DefaultModel);
                var bench = new FairnessBench(model, devices, broker);
                List<FairnessBenchResult> results = [];
                foreach (var scenario in FairnessScenario.All(count, model.Manifest.Sampling.DefaultSize))
                {
                    results.Add(await bench.RunAsync(scenario, cancellation));
                }
                var report = new FairnessBenchReport(devices, results);
                terminal.Out.WriteLine(
                    parsed.GetValue(json)
                        ? JsonSerializer.Serialize(report, CliJson.Default.FairnessBenchReport)
                        : report.ToText()
                );
                return report.Holds ? 0 : ErrorCode.Internal.ExitCode;
            }
        );
        return command;
    }

    private static int Check(string option, int value, int least, int most) =>
        value >= least && value <= most
            ? value
            : throw new KontextException(ErrorCode.Usage, $"{option} takes {least} to {most}, not {value}.");
}
