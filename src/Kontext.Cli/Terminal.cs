using Kontext.Flux.Bundles;

namespace Kontext.Cli;

/// <summary>Where a command reads its models and writes its words: results to one writer, all else to the other.</summary>
/// <param name="Out">Results, and nothing else when they are JSON.</param>
/// <param name="Error">Progress, notes and errors.</param>
/// <param name="ShowsProgress">Whether somebody watches <paramref name="Error"/>.</param>
/// <param name="Models">The models that can be named.</param>
/// <param name="Debug">Whether errors come with their stack.</param>
/// <param name="HasScreen">Whether <paramref name="Out"/> is a screen with a cursor that can be moved.</param>
internal sealed record Terminal(
    TextWriter Out,
    TextWriter Error,
    bool ShowsProgress,
    ModelLibrary Models,
    bool Debug,
    bool HasScreen = false
)
{
    /// <summary>The terminal of this process.</summary>
    public static Terminal OfProcess() =>
        new(
            Console.Out,
            Console.Error,
            ShowsProgress: !Console.IsErrorRedirected,
            ModelLibrary.Default(),
            Debug: Environment.GetEnvironmentVariable("KONTEXT_DEBUG") == "1",
            HasScreen: !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not "dumb"
        );
}
