using System.CommandLine;

namespace Kontext.Cli.Commands;

/// <summary><c>kontext generate PROMPT</c>.</summary>
internal static class GenerateCommand
{
    public static Command Create(Terminal terminal)
    {
        var prompt = new Argument<string>("PROMPT") { Description = "What to show." };
        var shared = new GenerationArguments();
        var command = new DocumentedCommand(
            "generate",
            "Make an image from text, with or without reference images.",
            """
            Examples:
              kontext generate "a blue star at the top left on a white background"
              kontext generate "a red circle and a green square" --count 4 --seed 1 --output pictures/
              kontext generate "draw a red star in this style" --image style.png
            """
        )
        {
            prompt,
        };
        shared.AddTo(command);
        command.SetAction(
            (parsed, cancellation) =>
            {
                var run = new GenerationRun(terminal, shared, parsed)
                {
                    Prompt = parsed.GetRequiredValue(prompt),
                    ImagePaths = parsed.GetValue(shared.Images) ?? [],
                    DefaultName = "generated",
                };
                return run.ExecuteAsync(cancellation);
            }
        );
        return command;
    }
}
