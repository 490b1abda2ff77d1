using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Kontext.Contracts;
using Kontext.Flux.Bundles;
using Kontext.Flux.Sessions;

namespace Kontext.Cli.Commands;

/// <summary><c>kontext bench transformer</c>: a step of the transformer alone, by batch.</summary>
internal static class BenchTransformerCommand
{
    private const int MostRows = 64;
    private const int MostTokens = 65536;

    public static Command Create(Terminal terminal)
    {
        var name = ModelCommand.NameArgument();
        var batches = new Option<int[]>("--batch")
        {
            Description = "Samples at once; may be repeated. Default: 1.",
            HelpName = "N",
        };
        var target = Options.Number<int>("--target-tokens", "Tokens of the picture, 16x16 pixels each. Default: 4096.");
        var context = Options.Number<int>("--context-tokens", "Tokens of its contexts. Default: as many.");
        var text = Options.Number<int>("--text-tokens", "Tokens of the prompt. Default: 512.");
        var json = Options.Switch("--json", "Print JSON.");
        var device = new DeviceArguments();
        var command = new DocumentedCommand(
            "transformer",
            "Time one step of the transformer on random inputs; a partial model is enough.",
            """
            Times are medians of several runs after a warm-up. Memory is the most that the process has held; that of a GPU is
            not in it. The defaults are those of a picture of 1024x1024 pixels with one context of the same size.

            Example:
              kontext bench transformer kontext-tiny --target-tokens 256 --text-tokens 32 --batch 1 --batch 8
            """
        )
        {
            name,
            batches,
            target,
            context,
            text,
            json,
        };
        device.AddTo(command);
        command.SetAction(
            (parsed, cancellation) =>
            {
                int[] rows = parsed.GetValue(batches) is { Length: > 0 } given ? given : [1];
                foreach (var batch in rows)
                {
                    Check("--batch", batch, 1, MostRows);
                }
                var targetTokens = Check("--target-tokens", parsed.GetValue(target) ?? 4096, 1, MostTokens);
                var contextTokens = Check("--context-tokens", parsed.GetValue(context) ?? targetTokens, 0, MostTokens);
                var textTokens = Check("--text-tokens", parsed.GetValue(text) ?? 512, 1, MostTokens);
                var bundle = terminal.Models.Open(parsed.GetRequiredValue(name));
                var options = device.Read(parsed);
                var report = new TransformerBenchReport(
                    bundle.Manifest.Name,
                    targetTokens,
                    contextTokens,
                    textTokens,
                    [
                        .. rows.Select(batch =>
                        {
                            cancellation.ThrowIfCancellationRequested();
                            using var trial = new TransformerTrial(
                                bundle,
                                options,
                                batch,
                                textTokens,
                                targetTokens,
                                contextTokens
                            );
                            return Measure(trial, batch, cancellation);
                        }),
                    ]
                );
                Print(terminal, report, parsed.GetValue(json));
                return Task.FromResult(0);
            }
        );
        return command;
    }

    private static int Check(string option, int value, int least, int most) =>
        value >= least && value <= most
            ? value
            : throw new KontextException(ErrorCode.Usage, $"{option} takes {least} to {most}, not {value}.");

    private static TransformerBenchRow Measure(TransformerTrial trial, int batch, CancellationToken cancellation)
    {
        var prepareMs = MedianTime.Milliseconds(trial.Prepare, cancellation);
        var stepMs = MedianTime.Milliseconds(() => trial.Step(), cancellation);
        using var process = Process.GetCurrentProcess();
        return new(batch, prepareMs, stepMs, Math.Round(1000 / stepMs, 3), process.PeakWorkingSet64 >> 20);
    }

    private static void Print(Terminal terminal, TransformerBenchReport report, bool json)
    {
        if (json)
        {
            terminal.Out.WriteLine(JsonSerializer.Serialize(report, CliJson.Default.TransformerBenchReport));
            return;
        }
        terminal.Out.WriteLine(
            $"{report.Model}: {report.TargetTokens} target, {report.ContextTokens} context, {report.TextTokens} text tokens"
        );
        terminal.Out.WriteLine("batch  prepare ms     step ms   steps/s  memory MiB");
        foreach (var row in report.Rows)
        {
            terminal.Out.WriteLine(
                $"{row.Batch, 5}  {row.PrepareMs, 10}  {row.StepMs, 10}  {row.StepsPerSecond, 8}  {row.MemoryMib, 10}"
            );
        }
    }
}
