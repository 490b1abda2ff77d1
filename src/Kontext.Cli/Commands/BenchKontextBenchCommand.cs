using System.CommandLine;
using System.Text.Json;
using Kontext.Cli.Quality;
using Kontext.Cli.Remote;
using Kontext.Contracts;
using Kontext.Flux.Bundles;
using Kontext.Flux.Onnx;
using Kontext.Flux.Sessions;

namespace Kontext.Cli.Commands;

/// <summary><c>kontext bench kontextbench</c>: the published benchmark, whose outputs have no true result.</summary>
internal sealed class BenchKontextBenchCommand
{
    /// <summary>Pictures wear out after some six edits; many more tell nothing new.</summary>
    private const int MaxTurns = 20;

    /// <summary>Each holds some pictures here; more than a large cluster denoises at a time would only wait there.</summary>
    private const int MaxParallel = 64;

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
    private readonly Option<int?> _parallel = Options.Number<int>(
        "--parallel",
        "With --server: pairs under way at a time. Default: 1, so that the times are those of one picture."
    );
    private readonly BenchArguments _arguments = new("Only the first N pairs. Default: all.");
    private readonly ServerArgument _server;

    private BenchKontextBenchCommand() => _server = new(_arguments.Device);

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

            Examples:
              kontext bench kontextbench kontext-bench/ --model flux-kontext-dev --device cuda --output results/
              kontext bench kontextbench kontext-bench/ --server http://127.0.0.1:8080 --parallel 8 --output results/
            """
        )
        {
            bench._set,
            bench._output,
            bench._seed,
            bench._turns,
            bench._parallel,
        };
        bench._server.AddTo(command);
        bench._arguments.AddTo(command);
        command.SetAction((parsed, cancellation) => bench.ExecuteAsync(terminal, parsed, cancellation));
        return command;
    }

    private async Task<int> ExecuteAsync(Terminal terminal, ParseResult parsed, CancellationToken cancellationToken)
    {
        var server = _server.Read(parsed);
        var parallel = ReadParallel(parsed, server);
        var bundle = server is null ? _arguments.OpenModel(parsed, terminal) : null;
        var set = KontextBenchSet.Open(parsed.GetRequiredValue(_set));
        var device = _arguments.Device.Read(parsed);
        var asked = ReadTerms(parsed);
        var settings = bundle is null ? null : Settings(bundle, device, asked, parsed);
        var terms = settings is null ? asked : KontextBenchTerms.Exactly(settings);
        var chosen = _arguments.Take(parsed, set.Pairs);
        var output = parsed.GetRequiredValue(_output);
        using var folder = KontextBenchFolder.Open(output, set, terms);

        KontextBenchPair[] missing = [.. chosen.Where(pair => !folder.Results.ContainsKey(pair.Key))];
        try
        {
            if (missing.Length > 0)
            {
                using IEditTurns turns = server is null
                    ? new BundleEditTurns(bundle!, device, settings!)
                    : new RemoteEditTurns(server, terms);
                using var progress = new ProgressLine(terminal, "pair");
                var run = new KontextBenchRun(turns, set)
                {
                    Seed = terms.Seed,
                    Parallelism = parallel,
                    Progress = progress,
                };
                await run.RunAsync(missing, folder, cancellationToken);
            }
        }
        finally
        {
            // Whoever stops a long run, or whose server goes, may want to see how far it came.
            WriteSheets(chosen, set, folder);
        }

        KontextBenchResult[] results = [.. chosen.Select(pair => folder.Results[pair.Key])];
        var report = new KontextBenchReport(
            Path.GetFullPath(output),
            results[0].Settings,
            missing.Length,
            chosen.Count - missing.Length,
            KontextBenchReport.Table(results)
        );
        if (parsed.GetValue(_arguments.Json))
        {
            terminal.Out.WriteLine(JsonSerializer.Serialize(report, CliJson.Default.KontextBenchReport));
        }
        else
        {
            KontextBenchTable.Write(terminal.Out, report);
        }
        return 0;
    }

    private int ReadParallel(ParseResult parsed, Uri? server) =>
        parsed.GetValue(_parallel) switch
        {
            null => 1,
            _ when server is null => throw new KontextException(
                ErrorCode.Usage,
                "--parallel has no effect without --server: a bundle takes one pair at a time."
            ),
            >= 1 and <= MaxParallel and var parallel => parallel,
            var wrong => throw new KontextException(
                ErrorCode.Usage,
                $"--parallel takes 1 to {MaxParallel}, not {wrong}."
            ),
        };

    /// <summary>What the command line asks for, and so all that is known before a server has made something.</summary>
    private KontextBenchTerms ReadTerms(ParseResult parsed)
    {
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
                parsed.GetValue(_arguments.Model),
                Digest: null,
                KontextBenchSettings.Server,
                Precision: null,
                parsed.GetValue(_arguments.Steps),
                parsed.GetValue(_arguments.Guidance),
                seed,
                turns
            );
    }

    /// <summary>What a bundle will make of that.</summary>
    private KontextBenchSettings Settings(
        ModelBundle bundle,
        DeviceOptions device,
        KontextBenchTerms asked,
        ParseResult parsed
    )
    {
        var plan = _arguments.ReadPlan(parsed, bundle.Manifest.Sampling);
        return new(
            bundle.Manifest.Name,
            bundle.Manifest.Digest,
            device.Kind.ToString().ToLowerInvariant(),
            bundle.TransformerPrecision(device.EffectivePrecision).ShortName(),
            plan.Steps,
            plan.Guidance,
            asked.Seed,
            asked.Turns
        );
    }

    /// <summary>A sheet for each category of which a pair is finished.</summary>
    private static void WriteSheets(
        IReadOnlyList<KontextBenchPair> pairs,
        KontextBenchSet set,
        KontextBenchFolder folder
    )
    {
        var finished = pairs.Where(pair => folder.Results.ContainsKey(pair.Key));
        foreach (var category in finished.GroupBy(pair => pair.Category))
        {
            var sheet = new ContactSheet(EditsPerRow, SheetTile);
            foreach (var (i, pair) in category.Take(EditsPerRow * RowsPerSheet).Index())
            {
                sheet.Offer($"{i / EditsPerRow:00}", set.Source(pair), folder.Output(pair));
            }
            folder.WriteSheet(category.Key, sheet);
        }
    }
}
