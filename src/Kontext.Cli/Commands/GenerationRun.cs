using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Kontext.Contracts;
using Kontext.Flux.Files;
using Kontext.Flux.Images;
using Kontext.Flux.Sampling;
using Kontext.Flux.Stages;

namespace Kontext.Cli.Commands;

/// <summary>One run of edit or generate: check everything, make the images, write them, say so.</summary>
internal sealed class GenerationRun(Terminal terminal, GenerationArguments arguments, ParseResult parsed)
{
    public required string Prompt { get; init; }

    /// <summary>Context images, the one to edit first.</summary>
    public required IReadOnlyList<string> ImagePaths { get; init; }

    /// <summary>Name of the output where none is given, without extension.</summary>
    public required string DefaultName { get; init; }

    public string? ComparePath { get; init; }

    public int Execute(CancellationToken cancellationToken)
    {
        var bundle = terminal.Models.Open(parsed.GetValue(arguments.Model) ?? GenerationArguments.DefaultModel);
        RgbImage[] contexts = [.. ImagePaths.Select(path => ImageDecoder.DecodeFile(path))];
        var plan = GenerationPlan.Create(Request(contexts), bundle.Manifest.Sampling);
        var output = OutputFiles.Plan(
            parsed.GetValue(arguments.Output),
            parsed.GetValue(arguments.Format),
            DefaultName,
            plan.Count
        );
        var compare = ComparePath is { } path ? OutputFiles.Plan(path, format: null, DefaultName, count: 1) : null;
        compare?.CheckApartFrom(output, "--compare");

        using var pipeline = KontextPipeline.Open(bundle, arguments.Device.Read(parsed));
        using var progress = new ProgressLine(terminal);
        var result = pipeline.Run(plan, contexts, progress, cancellationToken);
        progress.Clear();

        for (var i = 0; i < result.Images.Count; i++)
        {
            var made = result.Images[i];
            var provenance = new Provenance(
                contexts.Length > 0,
                bundle.Manifest.Name,
                made.Seed,
                Provenance.ThisProgram
            );
            AtomicFile.Write(output.Paths[i], ImageEncoder.Encode(made.Image, output.Format, provenance));
        }
        if (compare is not null)
        {
            var collage = Collage.SideBySide(contexts[0], result.Images[0].Image);
            var provenance = new Provenance(
                Edited: true,
                bundle.Manifest.Name,
                result.Images[0].Seed,
                Provenance.ThisProgram
            );
            AtomicFile.Write(compare.Paths[0], ImageEncoder.Encode(collage, compare.Format, provenance));
        }
        Report(bundle.Manifest.Name, plan, result, [.. output.Paths], compare?.Paths[0]);
        return 0;
    }

    private GenerationRequest Request(IReadOnlyList<RgbImage> contexts)
    {
        var negative = parsed.GetValue(arguments.Negative);
        var trueCfg = parsed.GetValue(arguments.TrueCfg) ?? 1f;
        if (negative is not null && trueCfg <= 1f)
        {
            throw new KontextException(
                ErrorCode.Usage,
                "--negative-prompt has no effect without --true-cfg above 1, for example --true-cfg 3."
            );
        }
        if (negative is null && trueCfg != 1f)
        {
            throw new KontextException(ErrorCode.Usage, "--true-cfg needs a --negative-prompt.");
        }
        return new()
        {
            Prompt = Prompt,
            NegativePrompt = negative,
            TrueCfgScale = trueCfg,
            Contexts = [.. contexts.Select(image => new ImageSize(image.Width, image.Height))],
            Size = parsed.GetValue(arguments.Size),
            AspectRatio = parsed.GetValue(arguments.Aspect),
            Steps = parsed.GetValue(arguments.Steps),
            Guidance = parsed.GetValue(arguments.Guidance),
            Seed = arguments.ReadSeed(parsed),
            Count = parsed.GetValue(arguments.Count) ?? 1,
        };
    }

    private void Report(string model, GenerationPlan plan, GenerationResult result, string[] paths, string? compare)
    {
        var total = DateTime.UtcNow - Process.GetCurrentProcess().StartTime.ToUniversalTime();
        if (parsed.GetValue(arguments.Json))
        {
            var report = new GenerationReport
            {
                Id = Guid.CreateVersion7().ToString(),
                Model = model,
                Prompt = plan.Prompt,
                Steps = plan.Steps,
                Guidance = plan.Guidance,
                Images =
                [
                    .. result.Images.Select(
                        (made, i) =>
                            new ImageReport(
                                i,
                                made.Seed,
                                made.Image.Width,
                                made.Image.Height,
                                Path.GetFullPath(paths[i])
                            )
                    ),
                ],
                Compare = compare is null ? null : Path.GetFullPath(compare),
                TimingsMs = new(
                    Milliseconds(result.Timings.Encode),
                    Milliseconds(result.Timings.Denoise),
                    Milliseconds(result.Timings.Decode),
                    Milliseconds(total)
                ),
            };
            terminal.Out.WriteLine(JsonSerializer.Serialize(report, CliJson.Default.GenerationReport));
            return;
        }
        for (var i = 0; i < paths.Length; i++)
        {
            var image = result.Images[i];
            terminal.Out.WriteLine($"{paths[i]}  {image.Image.Width}x{image.Image.Height}  seed {image.Seed}");
        }
        if (compare is not null)
        {
            terminal.Out.WriteLine($"{compare}  before and after");
        }
        terminal.Error.WriteLine(
            $"{plan.Steps} steps in {result.Timings.Denoise.TotalSeconds:0.00} s, "
                + $"{total.TotalSeconds:0.00} s in all, with {model}"
        );
    }

    private static double Milliseconds(TimeSpan time) => Math.Round(time.TotalMilliseconds, 1);
}
