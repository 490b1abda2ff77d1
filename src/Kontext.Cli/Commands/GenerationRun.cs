using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Kontext.Cli.Remote;
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

    public async Task<int> ExecuteAsync(CancellationToken cancellationToken)
    {
        using var client = arguments.Server.Read(parsed) is { } server ? new GatewayClient(server) : null;
        var generator = Generator(client);
        ContextFile[] contexts = [.. ImagePaths.Select(path => new ContextFile(path, ImageDecoder.DecodeFile(path)))];
        var request = Request(contexts);
        generator.Prepare(request);
        var output = OutputFiles.Plan(
            parsed.GetValue(arguments.Output),
            parsed.GetValue(arguments.Format),
            DefaultName,
            request.Count
        );
        var compare = ComparePath is { } path ? OutputFiles.Plan(path, format: null, DefaultName, count: 1) : null;
        compare?.CheckApartFrom(output, "--compare");

        using var progress = new ProgressLine(terminal);
        var made = await generator.MakeAsync(contexts, output.Format, progress, cancellationToken);
        progress.Clear();

        for (var i = 0; i < made.Images.Count; i++)
        {
            AtomicFile.Write(output.Paths[i], made.Images[i].File);
        }
        if (compare is not null)
        {
            var collage = Collage.SideBySide(contexts[0].Image, made.Images[0].Image);
            var provenance = new Provenance(Edited: true, made.Model, made.Images[0].Seed, Provenance.ThisProgram);
            AtomicFile.Write(compare.Paths[0], ImageEncoder.Encode(collage, compare.Format, provenance));
        }
        Report(request.Prompt, made, [.. output.Paths], compare?.Paths[0]);
        return 0;
    }

    private IGenerator Generator(GatewayClient? client)
    {
        var model = parsed.GetValue(arguments.Model);
        return client is null
            ? new LocalGenerator(
                terminal.Models.Open(model ?? GenerationArguments.DefaultModel),
                arguments.Device.Read(parsed)
            )
            : new RemoteGenerator(client, model);
    }

    private GenerationRequest Request(IReadOnlyList<ContextFile> contexts)
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
            Contexts = [.. contexts.Select(context => new ImageSize(context.Image.Width, context.Image.Height))],
            Size = parsed.GetValue(arguments.Size),
            AspectRatio = parsed.GetValue(arguments.Aspect),
            Steps = parsed.GetValue(arguments.Steps),
            Guidance = parsed.GetValue(arguments.Guidance),
            Seed = arguments.ReadSeed(parsed),
            Count = parsed.GetValue(arguments.Count) ?? 1,
        };
    }

    private void Report(string prompt, MadeImages result, string[] paths, string? compare)
    {
        var total = DateTime.UtcNow - Process.GetCurrentProcess().StartTime.ToUniversalTime();
        if (parsed.GetValue(arguments.Json))
        {
            var report = new GenerationReport
            {
                Id = result.Id,
                Model = result.Model,
                Prompt = prompt,
                Steps = result.Steps,
                Guidance = result.Guidance,
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
            $"{result.Steps} steps in {result.Timings.Denoise.TotalSeconds:0.00} s, "
                + $"{total.TotalSeconds:0.00} s in all, with {result.Model}"
        );
    }

    private static double Milliseconds(TimeSpan time) => Math.Round(time.TotalMilliseconds, 1);
}
