using System.CommandLine;

namespace Kontext.Cli.Commands;

/// <summary><c>kontext edit IMAGE PROMPT</c>.</summary>
internal static class EditCommand
{
    public static Command Create(Terminal terminal)
    {
        var image = new Argument<string>("IMAGE") { Description = "The image to edit: PNG, JPEG or WebP." };
        var prompt = new Argument<string>("PROMPT") { Description = "How to change it." };
        var compare = Options.Text("--compare", "PATH", "Also write before and after side by side.");
        var shared = new GenerationArguments();
        var command = new DocumentedCommand(
            "edit",
            "Edit an image as told.",
            """
            Examples:
              kontext edit photo.png "make the background pink"
              kontext edit photo.png "remove the red circle" --seed 7 --output result.png --compare both.png
              kontext edit photo.png "make it night" --server http://127.0.0.1:8080
              kontext edit photo.jpg "make it night" --count 4 --output results/ --format webp --json
            """
        )
        {
            image,
            prompt,
            compare,
        };
        shared.AddTo(command);
        command.SetAction(
            (parsed, cancellation) =>
            {
                var path = parsed.GetRequiredValue(image);
                var run = new GenerationRun(terminal, shared, parsed)
                {
                    Prompt = parsed.GetRequiredValue(prompt),
                    ImagePaths = [path, .. parsed.GetValue(shared.Images) ?? []],
                    DefaultName = $"{Path.GetFileNameWithoutExtension(path)}-edited",
                    ComparePath = parsed.GetValue(compare),
                };
                return run.ExecuteAsync(cancellation);
            }
        );
        return command;
    }
}
