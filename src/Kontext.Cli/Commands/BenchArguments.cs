using System.CommandLine;
using Kontext.Cli.Quality;
using Kontext.Contracts;
using Kontext.Flux.Bundles;
using Kontext.Flux.Stages;

namespace Kontext.Cli.Commands;

/// <summary>The options of benches that run a set of edits through a model.</summary>
/// <param name="limitDescription">What a limit leaves out.</param>
internal sealed class BenchArguments(string limitDescription)
{
    private readonly Option<int?> _limit = Options.Number<int>("--limit", limitDescription);

    public Option<string?> Model { get; } =
        Options.Text("--model", "NAME", $"Model to measure. Default: {GenerationArguments.DefaultModel}.");
    public Option<int?> Steps { get; } = Options.Number<int>("--steps", "Denoising steps. Default: as the model says.");
    public Option<float?> Guidance { get; } =
        Options.Number<float>("--guidance", "Guidance. Default: as the model says.");
    public Option<bool> Json { get; } = Options.Switch("--json", "Print JSON.");
    public DeviceArguments Device { get; } = new();

    public void AddTo(Command command)
    {
        command.Add(Model);
        command.Add(_limit);
        command.Add(Steps);
        command.Add(Guidance);
        command.Add(Json);
        Device.AddTo(command);
    }

    public ModelBundle OpenModel(ParseResult parsed, Terminal terminal) =>
        terminal.Models.Open(parsed.GetValue(Model) ?? GenerationArguments.DefaultModel);

    /// <summary>Steps and guidance, checked as every command checks them. The plan's prompt stands for any.</summary>
    public GenerationPlan ReadPlan(ParseResult parsed, SamplingSettings settings) =>
        GenerationPlan.Create(
            new()
            {
                Prompt = "-",
                Steps = parsed.GetValue(Steps),
                Guidance = parsed.GetValue(Guidance),
                Size = settings.DefaultSize,
            },
            settings
        );

    /// <summary>Whether only some of the pairs are asked for.</summary>
    public bool IsLimited(ParseResult parsed) => parsed.GetValue(_limit) is not null;

    /// <summary>The pairs asked for.</summary>
    public IReadOnlyList<T> Take<T>(ParseResult parsed, IReadOnlyList<T> pairs) =>
        parsed.GetValue(_limit) switch
        {
            null => pairs,
            > 0 and var count => [.. pairs.Take(count)],
            var wrong => throw new KontextException(ErrorCode.Usage, $"--limit takes 1 or more, not {wrong}."),
        };
}
