using System.CommandLine;
using Kontext.Cli.Remote;
using Kontext.Contracts;
using Kontext.Flux.Images;
using Kontext.Flux.Sampling;
using Kontext.Flux.Stages;

namespace Kontext.Cli.Commands;

/// <summary>The options that edit and generate share.</summary>
internal sealed class GenerationArguments
{
    public const string DefaultModel = "kontext-tiny";

    public Option<string?> Output { get; } =
        Options.Text("--output", "PATH", "File or existing folder to write to. Default: a name made from the input.");
    public Option<ImageFormat?> Format { get; } =
        Options.Text(
            "--format",
            "png|jpeg|webp",
            "File format. Default: as --output ends, else png.",
            ImageFormats.Parse
        );
    public Option<long?> Seed { get; } =
        Options.Number<long>("--seed", "Seed of the noise; the same seed gives the same image. Default: random.");
    public Option<int?> Count { get; } =
        Options.Number<int>("--count", "Images to make; image i takes seed + i. Default: 1.");
    public Option<int?> Steps { get; } =
        Options.Number<int>("--steps", "Denoising steps, 1 to 500. Default: as the model says.");
    public Option<float?> Guidance { get; } =
        Options.Number<float>("--guidance", "How closely to follow the prompt. Default: as the model says.");
    public Option<ImageSize?> Size { get; } =
        Options.Text(
            "--size",
            "WxH",
            "Output size, multiples of 16. Default: the model's size nearest to the first image's shape.",
            ImageSize.Parse
        );
    public Option<AspectRatio?> Aspect { get; } =
        Options.Text("--aspect-ratio", "W:H", "Output shape at the model's usual area.", AspectRatio.Parse);
    public Option<string[]> Images { get; } =
        new("--image") { Description = "A further context image; may be repeated.", HelpName = "PATH" };
    public Option<string?> Negative { get; } =
        Options.Text("--negative-prompt", "TEXT", "What to keep away from; needs --true-cfg above 1.");
    public Option<float?> TrueCfg { get; } =
        Options.Number<float>("--true-cfg", "Strength of the negative prompt; twice the time. Default: 1, off.");
    public Option<string?> Model { get; } =
        Options.Text("--model", "NAME", $"Model to use, a name or a folder. Default: {DefaultModel}.");
    public Option<bool> Json { get; } = Options.Switch("--json", "Print ids, seeds, sizes, paths and timings as JSON.");
    public ServerArgument Server { get; }
    public DeviceArguments Device { get; } = new();

    public GenerationArguments() => Server = new(Device);

    public void AddTo(Command command)
    {
        Option[] options =
        [
            Output,
            Format,
            Seed,
            Count,
            Steps,
            Guidance,
            Size,
            Aspect,
            Images,
            Negative,
            TrueCfg,
            Model,
            Json,
        ];
        foreach (var option in options)
        {
            command.Add(option);
        }
        Server.AddTo(command);
        Device.AddTo(command);
    }

    /// <summary>The seed, which must be a number from 0 that leaves room for seed + i.</summary>
    public long? ReadSeed(ParseResult parsed)
    {
        var seed = parsed.GetValue(Seed);
        return seed is < 0 or > GenerationPlan.MaxSeed
            ? throw new KontextException(
                ErrorCode.Usage,
                $"--seed takes a number from 0 to {GenerationPlan.MaxSeed}, not {seed}."
            )
            : seed;
    }
}
