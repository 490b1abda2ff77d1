using System.CommandLine;
using System.Text.Json;
using Kontext.Contracts;

namespace Kontext.Cli.Commands;

/// <summary><c>kontext bench engine</c>: batching, urgency, cancelling and the engine's own cost, on a real model.</summary>
internal static class BenchEngineCommand
{
    private const int DefaultTries = 200;
    private const int MostTries = 100_000;

    public static Command Create(Terminal terminal)
    {
        var name = ModelCommand.NameArgument();
        name.DefaultValueFactory = _ => GenerationArguments.DefaultModel;
        var tries = Options.Number<int>(
            "--tries",
            $"Urgent samples that arrive while the engine is full of others. Default: {DefaultTries}."
        );
        var json = Options.Switch("--json", "Print JSON.");
        var device = new DeviceArguments();
        var command = new DocumentedCommand(
            "engine",
            "Measure the denoise engine: what batches gain, how urgent samples overtake, what it adds to the model's steps.",
            """
            Images of one shape are made one at a time and all at once, in turns, so that both see the same machine; the batch size
            is learned first. Then urgent samples arrive in an engine that is full of batch-class ones, and samples are cancelled
            in the middle of a batch. docs/engine.md says what the figures mean.

            Examples:
              kontext bench engine
              kontext bench engine kontext-tiny --threads 1 --json
            """
        )
        {
            name,
            tries,
            json,
        };
        device.AddTo(command);
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var count = parsed.GetValue(tries) ?? DefaultTries;
                if (count is < 1 or > MostTries)
                {
                    throw new KontextException(ErrorCode.Usage, $"--tries takes 1 to {MostTries}, not {count}.");
                }
                var bundle = terminal.Models.Open(parsed.GetValue(name)!);
                var report = await new EngineBench(bundle, device.Read(parsed), count).RunAsync(cancellation);
                terminal.Out.WriteLine(
                    parsed.GetValue(json)
                        ? JsonSerializer.Serialize(report, CliJson.Default.EngineBenchReport)
                        : report.ToText()
                );
                return 0;
            }
        );
        return command;
    }
}
