using System.CommandLine;

namespace Kontext.Cli.Commands;

/// <summary><c>kontext bench</c>: how good and how fast a model is here.</summary>
internal static class BenchCommand
{
    public static Command Create(Terminal terminal) =>
        new("bench", "Measure a model's quality and speed.")
        {
            BenchQualityCommand.Create(terminal),
            BenchModelCommand.Create(terminal),
        };
}
