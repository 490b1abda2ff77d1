using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Kontext.Contracts;
using Kontext.Flux.Bundles;
using Kontext.Flux.Images;
using Kontext.Flux.Sampling;
using Kontext.Flux.Stages;

namespace Kontext.Cli.Commands;

/// <summary><c>kontext bench model</c>: time and memory of the stages, by size and batch.</summary>
internal static class BenchModelCommand
{
    private const string Prompt = "make the background pink";

    public static Command Create(Terminal terminal)
    {
        var model = Options.Text("--model", "NAME", $"Model to measure. Default: {GenerationArguments.DefaultModel}.");
        var sizes = new Option<string[]>("--size")
        {
            Description = "Output size; may be repeated. Default: the model's default size.",
            HelpName = "WxH",
        };
        var batches = new Option<int[]>("--batch")
        {
            Description = "Samples at once; may be repeated. Default: 1, 2, 4.",
            HelpName = "N",
        };
        var json = Options.Switch("--json", "Print JSON.");
        var device = new DeviceArguments();
        var command = new DocumentedCommand(
            "model",
            "Time each stage and one denoising step, by size and batch; medians of several runs after a warm-up.",
            """
            Prompt, context and decode are times of one picture. Memory is what the process holds after the row; it keeps what
            earlier rows needed, so put the smallest row first, or ask for one row at a time. Memory of a GPU is not in it.

            Example:
              kontext bench model --batch 1 --batch 8 --threads 2
            """
        )
        {
            model,
            sizes,
            batches,
            json,
        };
        device.AddTo(command);
        command.SetAction(
            (parsed, cancellation) =>
            {
                var bundle = terminal.Models.Open(parsed.GetValue(model) ?? GenerationArguments.DefaultModel);
                var settings = bundle.Manifest.Sampling;
                ImageSize[] asked =
                [
                    .. (parsed.GetValue(sizes) ?? [])
                        .Select(ImageSize.Parse)
                        .DefaultIfEmpty(settings.DefaultSize)
                        .Select(size => ImageSizes.Validate(size, settings.Limits)),
                ];
                int[] rows = parsed.GetValue(batches) is { Length: > 0 } given ? given : [1, 2, 4];
                if (rows.Where(batch => batch is < 1 or > GenerationPlan.MaxCount).ToArray() is [var wrong, ..])
                {
                    throw new KontextException(
                        ErrorCode.CountOutOfRange,
                        $"--batch takes 1 to {GenerationPlan.MaxCount}, not {wrong}."
                    );
                }
                var loading = Stopwatch.StartNew();
                using var pipeline = KontextPipeline.Open(bundle, device.Read(parsed));
                var loadMs = Math.Round(loading.Elapsed.TotalMilliseconds, 1);
                var report = new ModelBenchReport(
                    bundle.Manifest.Name,
                    loadMs,
                    [.. asked.SelectMany(size => Measure(pipeline, bundle, size, rows, cancellation))]
                );
                Print(terminal, report, parsed.GetValue(json));
                return Task.FromResult(0);
            }
        );
        return command;
    }

    private static IEnumerable<ModelBenchRow> Measure(
        KontextPipeline pipeline,
        ModelBundle bundle,
        ImageSize size,
        IReadOnlyList<int> batches,
        CancellationToken cancellation
    )
    {
        var picture = RgbImage.Filled(size.Width, size.Height, 200, 120, 40);
        var prompt = pipeline.Encode.EncodePrompt(Prompt);
        var context = pipeline.Encode.EncodeContext(picture, size);
        var promptMs = MedianTime.Milliseconds(() => pipeline.Encode.EncodePrompt(Prompt), cancellation);
        var contextMs = MedianTime.Milliseconds(() => pipeline.Encode.EncodeContext(picture, size), cancellation);
        var decodeMs = MedianTime.Milliseconds(() => pipeline.Decode.Decode(context), cancellation);
        foreach (var batch in batches)
        {
            DenoiseSample[] samples = [.. Enumerable.Range(0, batch).Select(Sample)];
            // A sample has as many steps as it will take.
            var stepMs = MedianTime.Milliseconds(() => pipeline.Denoise.Step(samples), cancellation);
            yield return new(
                size.ToString(),
                batch,
                promptMs,
                contextMs,
                stepMs,
                Math.Round(1000 / stepMs, 2),
                Math.Round(1000 * batch / stepMs, 2),
                decodeMs,
                Environment.WorkingSet >> 20
            );
        }

        DenoiseSample Sample(int seed) =>
            new(
                new()
                {
                    Prompt = prompt,
                    Guidance = bundle.Manifest.Sampling.Guidance,
                    Contexts = [context],
                    Size = size,
                    Steps = MedianTime.Runs,
                    Seed = seed,
                },
                bundle
            );
    }

    private static void Print(Terminal terminal, ModelBenchReport report, bool json)
    {
        if (json)
        {
            terminal.Out.WriteLine(JsonSerializer.Serialize(report, CliJson.Default.ModelBenchReport));
            return;
        }
        terminal.Out.WriteLine($"{report.Model}, loaded in {report.LoadMs} ms");
        terminal.Out.WriteLine(
            "size       batch  prompt ms  context ms  step ms  steps/s  sample-steps/s  decode ms  memory MiB"
        );
        foreach (var row in report.Rows)
        {
            terminal.Out.WriteLine(
                $"{row.Size, -10} {row.Batch, 5}  {row.PromptMs, 9}  {row.ContextMs, 10}  {row.StepMs, 7}  "
                    + $"{row.StepsPerSecond, 7}  {row.SampleStepsPerSecond, 14}  {row.DecodeMs, 9}  {row.MemoryMib, 10}"
            );
        }
    }
}
