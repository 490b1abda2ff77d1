using System.CommandLine;
using System.Text.Json;
using Kontext.Cli.Quality;
using Kontext.Contracts;
using Kontext.Flux.Bundles;
using Kontext.Flux.Onnx;
using Kontext.Flux.Sessions;
using Kontext.Flux.Stages;

namespace Kontext.Cli.Commands;

/// <summary><c>kontext bench kontextbench</c>: the published benchmark, whose outputs have no true result.</summary>
internal sealed class BenchKontextBenchCommand
{
    /// <summary>Pictures wear out after some six edits; many more tell nothing new.</summary>
    private const int MaxTurns = 20;

    private const int EditsPerRow = 4;
    private const int RowsPerSheet = 8;
    private const int SheetTile = 192;

    private readonly Argument<string> _set = new("DIR")
    {
        Description = "KontextBench as published: pictures and test/metadata.jsonl.",
    };
    private readonly Option<string> _output = new("--output")
    {
        Description = "Folder for results; one with results of the same settings is gone on with.",
        HelpName = "DIR",
        Required = true,
    };
    private readonly Option<long?> _seed = Options.Number<long>(
        "--seed",
        "Seed of the first pair; the pair in line i from 0 takes seed + i. Default: 0."
    );
    private readonly Option<int?> _turns = Options.Number<int>(
        "--turns",
        "Follow each instruction N times, each time on the last result. Default: 1."
    );
    private readonly BenchArguments _arguments = new("Only the first N pairs. Default: all.");

    private BenchKontextBenchCommand() { }

    public static Command Create(Terminal terminal)
    {
        var bench = new BenchKontextBenchCommand();
        var command = new DocumentedCommand(
            "kontextbench",
            "Run KontextBench: outputs, contact sheets, times, and what can be measured without a true result.",
            """
            The data set is at https://huggingface.co/datasets/black-forest-labs/kontext-bench. The folder gets outputs/KEY.png,
            results.jsonl (a line for each finished pair, for this command to go on from and for other programs to score), a
            contact sheet for each category (source | output), and with --turns turns/KEY.png (through pixels above, through
            latents below). docs/benchmarks.md says what is measured.

            Example:
              kontext bench kontextbench kontext-bench/ --model flux-kontext-dev --device cuda --output results/
            """
        )
        {
            bench._set,
            bench._output,
            bench._seed,
            bench._turns,
        };
        bench._arguments.AddTo(command);
        command.SetAction((parsed, cancellation) => Task.FromResult(bench.Execute(terminal, parsed, cancellation)));
        return command;
    }

    private int Execute(Terminal terminal, ParseResult parsed, CancellationToken cancellationToken)
    {
        var bundle = _arguments.OpenModel(parsed, terminal);
        var set = KontextBenchSet.Open(parsed.GetRequiredValue(_set));
        var device = _arguments.Device.Read(parsed);
        var settings = ReadSettings(parsed, bundle, device);
        var chosen = _arguments.Take(parsed, set.Pairs);
        var output = parsed.GetRequiredValue(_output);
        using var folder = KontextBenchFolder.Open(output, set, settings);

        KontextBenchPair[] missing = [.. chosen.Where(pair => !folder.Results.ContainsKey(pair.Key))];
        if (missing.Length > 0)
        {
            using var pipeline = KontextPipeline.Open(bundle, device);
            using var progress = new ProgressLine(terminal, "pair");
            var edits = new EditSampler(pipeline, bundle) { Steps = settings.Steps, Guidance = settings.Guidance };
            var run = new KontextBenchRun(pipeline, edits, set) { Settings = settings, Progress = progress };
            run.Run(missing, folder, cancellationToken);
        }
        WriteSheets(chosen, set, folder, cancellationToken);

        var report = new KontextBenchReport(
            Path.GetFullPath(output),
            settings,
            missing.Length,
            chosen.Count - missing.Length,
            KontextBenchReport.Table([.. chosen.Select(pair => folder.Results[pair.Key])])
        );
        if (parsed.GetValue(_arguments.Json))
        {
            terminal.Out.WriteLine(JsonSerializer.Serialize(report, CliJson.Default.KontextBenchReport));
        }
        else
        {
            Print(terminal.Out, report);
        }
        return 0;
    }

    private KontextBenchSettings ReadSettings(ParseResult parsed, ModelBundle bundle, DeviceOptions device)
    {
        var plan = _arguments.ReadPlan(parsed, bundle.Manifest.Sampling);
        // The noise knows no more of a seed than 32 bits.
        var seed = parsed.GetValue(_seed) ?? 0;
        var turns = parsed.GetValue(_turns) ?? 1;
        return seed is < 0 or > uint.MaxValue
                ? throw new KontextException(
                    ErrorCode.Usage,
                    $"--seed takes a number from 0 to {uint.MaxValue}, not {seed}."
                )
            : turns is < 1 or > MaxTurns
                ? throw new KontextException(ErrorCode.Usage, $"--turns takes 1 to {MaxTurns}, not {turns}.")
            : new(
                bundle.Manifest.Name,
                bundle.Manifest.Digest,
                device.Kind.ToString().ToLowerInvariant(),
                bundle.TransformerPrecision(device.EffectivePrecision).ShortName(),
                plan.Steps,
                plan.Guidance,
                seed,
                turns
            );
    }

    private static void WriteSheets(
        IReadOnlyList<KontextBenchPair> pairs,
        KontextBenchSet set,
        KontextBenchFolder folder,
        CancellationToken cancellationToken
    )
    {
        foreach (var category in pairs.GroupBy(pair => pair.Category))
        {
            var sheet = new ContactSheet(EditsPerRow, SheetTile);
            foreach (var (i, pair) in category.Take(EditsPerRow * RowsPerSheet).Index())
            {
                cancellationToken.ThrowIfCancellationRequested();
                sheet.Offer($"{i / EditsPerRow:00}", set.Source(pair), folder.Output(pair));
            }
            folder.WriteSheet(category.Key, sheet);
        }
    }

    private static void Print(TextWriter output, KontextBenchReport report)
    {
        var settings = report.Settings;
        output.WriteLine(
            $"{settings.Model}: {settings.Steps} steps, guidance {settings.Guidance}, seed {settings.Seed}, "
                + $"{settings.Device} {settings.Precision}"
        );
        output.WriteLine($"{report.Made} pairs made, {report.Found} found, in {report.Output}\n");
        output.WriteLine(
            $"{"", -28} {"", 5}  {"median ms", 27}  {"whole picture", 14}  {"", 6}  {"outside the edit", 16}"
        );
        output.WriteLine($"{"", -28} pairs    encode  denoise   decode   PSNR dB   SSIM  edited  delta E   edges");
        foreach (var (name, row) in report.Categories)
        {
            var (times, metrics) = (row.TimingsMs, row.Metrics);
            output.WriteLine(
                $"{name, -28} {row.Count, 5}  {times.Encode, 8:0.0} {times.Denoise, 8:0.0} {times.Decode, 8:0.0}  "
                    + $"{metrics.Psnr, 8:0.00} {metrics.Ssim, 6:0.000}  {metrics.EditedShare, 6:0.000}  "
                    + $"{metrics.DeltaEOutside, 7:0.00} {metrics.StructureOutside, 7:0.000}"
            );
        }
        if (report.Categories[KontextBenchReport.All].Turns is { Count: > 0 } turns)
        {
            output.WriteLine("\nlater turns beside the first:   through pixels   through latents");
            foreach (var turn in turns)
            {
                output.WriteLine(
                    $"  turn {turn.Turn, -2} {turn.Pixels.Psnr, 24:0.00} dB, {turn.Pixels.Ssim:0.000}"
                        + $" {turn.Latents.Psnr, 7:0.00} dB, {turn.Latents.Ssim:0.000}"
                );
            }
        }
    }
}
