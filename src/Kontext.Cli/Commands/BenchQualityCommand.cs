using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Kontext.Cli.Quality;
using Kontext.Flux;
using Kontext.Flux.Bundles;
using Kontext.Flux.Files;
using Kontext.Flux.Images;
using Kontext.Flux.Stages;

namespace Kontext.Cli.Commands;

/// <summary><c>kontext bench quality</c>: edits with a known true result, scored by category.</summary>
internal static class BenchQualityCommand
{
    private const int EditsPerKind = 4;
    private const int SheetTile = 96;

    public static Command Create(Terminal terminal)
    {
        var pairs = new Option<string>("--pairs")
        {
            Description = "Folder of pairs: metadata.jsonl and the pictures it names.",
            HelpName = "DIR",
            Required = true,
        };
        var arguments = new BenchArguments("Only the first N pairs, and no chains. Default: everything.");
        var against = Options.Text(
            "--against",
            "NAME",
            "Also run a second model and print how far the first is from it."
        );
        var sheet = Options.Text("--sheet", "PATH", "Also write a contact sheet: source | output | true result.");
        var command = new DocumentedCommand(
            "quality",
            "Score a model on edits whose true result is known.",
            """
            A line of metadata.jsonl is {"file_name", "target_file_name", "key", "category", "kind", "instruction"}; text to
            image has no file_name; turns of a chain of edits also have "chain" and "turn". models/training/make_pairs.py draws
            such folders. An edit is right if it makes 75 % of the true change and keeps the rest at 24 dB or better.
            The seed of a pair is its place in the file, from 0. With --against the second model makes the same pairs with the
            same seeds, steps and guidance; the differences are the first model's less the second's.

            Examples:
              kontext bench quality --pairs pairs/ --sheet sheet.png
              kontext bench quality --pairs pairs/ --model kontext-tiny-int8 --against kontext-tiny
            """
        )
        {
            pairs,
            against,
            sheet,
        };
        arguments.AddTo(command);
        command.SetAction(
            (parsed, cancellation) =>
            {
                var bundle = arguments.OpenModel(parsed, terminal);
                var other = parsed.GetValue(against) is { } second ? terminal.Models.Open(second) : null;
                var set = EditPairSet.Open(parsed.GetRequiredValue(pairs));
                var plan = arguments.ReadPlan(parsed, bundle.Manifest.Sampling);
                var chosen = arguments.Take(parsed, set.Pairs);
                var sheetFile = parsed.GetValue(sheet) is { } path
                    ? OutputFiles.Plan(path, format: null, "sheet", 1)
                    : null;

                var clock = Stopwatch.StartNew();
                var device = arguments.Device.Read(parsed);
                using var pipeline = KontextPipeline.Open(bundle, device);
                using var otherPipeline = other is null ? null : KontextPipeline.Open(other, device);
                using var progress = new ProgressLine(terminal, "done");
                var run = Run(pipeline, bundle, progress);
                using var otherScored = otherPipeline is null
                    ? null
                    : Run(otherPipeline, other!, told: null).ScorePairs(chosen, cancellation).GetEnumerator();
                var scores = new List<(EditPair, EditScore)>();
                var otherScores = new List<(EditPair, EditScore)>();
                var psnrBetween = new List<double>();
                var contactSheet = new ContactSheet(EditsPerKind, SheetTile);
                foreach (var scored in run.ScorePairs(chosen, cancellation))
                {
                    scores.Add((scored.Pair, scored.Score));
                    contactSheet.Offer(
                        $"{scored.Pair.Category} / {scored.Pair.Kind}",
                        scored.Source,
                        scored.Output,
                        scored.Target
                    );
                    // In step with the first, so that both pictures of a pair are there to compare.
                    if (otherScored?.MoveNext() == true)
                    {
                        otherScores.Add((scored.Pair, otherScored.Current.Score));
                        psnrBetween.Add(Psnr.Of(scored.Output, otherScored.Current.Output));
                    }
                }
                var chains = !arguments.IsLimited(parsed) && set.Chains.Count > 0 ? run.RunChains(cancellation) : null;
                progress.Clear();

                var report = new QualityReport(
                    bundle.Manifest.Name,
                    bundle.Manifest.Digest,
                    plan.Steps,
                    plan.Guidance,
                    Math.Round(clock.Elapsed.TotalSeconds, 1),
                    ScoreRow.Table(scores),
                    chains,
                    other is null
                        ? null
                        : Comparison.Of(other.Manifest.Name, other.Manifest.Digest, scores, otherScores, psnrBetween)
                );
                Print(terminal, report, parsed.GetValue(arguments.Json));
                if (sheetFile is not null && scores.Count > 0)
                {
                    var provenance = new Provenance(
                        Edited: true,
                        bundle.Manifest.Name,
                        Seed: 0,
                        Provenance.ThisProgram
                    );
                    AtomicFile.Write(
                        sheetFile.Paths[0],
                        ImageEncoder.Encode(contactSheet.Draw(), sheetFile.Format, provenance)
                    );
                }
                return Task.FromResult(0);

                QualityRun Run(KontextPipeline with, ModelBundle model, IProgress<WorkProgress>? told) =>
                    new(with, new EditSampler(with, model) { Steps = plan.Steps, Guidance = plan.Guidance }, set)
                    {
                        Progress = told,
                    };
            }
        );
        return command;
    }

    private static void Print(Terminal terminal, QualityReport report, bool json)
    {
        if (json)
        {
            terminal.Out.WriteLine(JsonSerializer.Serialize(report, CliJson.Default.QualityReport));
            return;
        }
        terminal.Out.WriteLine(
            $"{report.Model}: {report.Steps} steps, guidance {report.Guidance}, {report.Seconds} s\n"
        );
        terminal.Out.WriteLine($"{"", -44} pairs   right  PSNR dB  untouched dB");
        foreach (var (name, row) in report.Scores)
        {
            terminal.Out.WriteLine(
                $"{name, -44} {row.Count, 5}  {row.Ok, 6:0.000}  {row.Psnr, 7:0.00}  {row.PsnrUntouched, 12:0.00}"
            );
        }
        if (report.Against is { } against)
        {
            terminal.Out.WriteLine($"\n{$"less {against.Model}", -44}         right  PSNR dB    between dB");
            foreach (var (name, row) in against.Differences)
            {
                terminal.Out.WriteLine(
                    $"{name, -44}        {row.Ok, 6:+0.000;-0.000;0.000}  {row.Psnr, 7:+0.00;-0.00;0.00}  {row.PsnrBetween, 12:0.00}"
                );
            }
        }
        if (report.Chains is { } chains)
        {
            terminal.Out.WriteLine($"\n{chains.Count} chains, untouched dB by turn:  through pixels  through latents");
            foreach (var turn in chains.Turns)
            {
                terminal.Out.WriteLine($"  turn {turn.Turn} {turn.Pixels, 38:0.00} {turn.Latents, 16:0.00}");
            }
        }
    }
}
