using System.CommandLine;

namespace Kontext.Cli.Commands;

/// <summary><c>kontext bench</c>: how good and how fast a model is here.</summary>
internal static class BenchCommand
{
    public static Command Create(Terminal terminal) =>
        new DocumentedCommand(
            "bench",
            "Measure a model's quality and speed.",
            """
            Examples:
              kontext bench model
              kontext bench transformer kontext-tiny --target-tokens 256
              kontext bench quality --pairs pairs/
              kontext bench kontextbench kontext-bench/ --output results/
              kontext bench engine
              kontext bench pipeline --jobs 5000
              kontext bench fairness
            """
        )
        {
            BenchQualityCommand.Create(terminal),
            BenchKontextBenchCommand.Create(terminal),
            BenchModelCommand.Create(terminal),
            BenchTransformerCommand.Create(terminal),
            BenchEngineCommand.Create(terminal),
            BenchPipelineCommand.Create(terminal),
            BenchFairnessCommand.Create(terminal),
        };
}
