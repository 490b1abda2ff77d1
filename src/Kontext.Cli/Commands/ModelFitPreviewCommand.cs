using System.CommandLine;
using Kontext.Flux.Bundles;
using Kontext.Flux.Images;

namespace Kontext.Cli.Commands;

/// <summary><c>kontext model fit-preview</c>: makes a model's <c>preview</c> from its own decoder.</summary>
internal static class ModelFitPreviewCommand
{
    public static Command Create(Terminal terminal)
    {
        var name = ModelCommand.NameArgument();
        var images = new Argument<string[]>("IMAGE")
        {
            Description = "Pictures of the kind the model makes; a few dozen are plenty.",
            Arity = ArgumentArity.OneOrMore,
        };
        var device = new DeviceArguments();
        var command = new DocumentedCommand(
            "fit-preview",
            "Find how a model's latents show, for previews while it denoises.",
            """
            Each place of a latent is given a colour by a linear function of its channels, fitted by least squares to what the model's
            decoder makes of the pictures. It is written into model.json as 'preview' and changes neither the model's digest nor any
            image. FLUX.1's is known, and filled in by import.

            Example:
              kontext model fit-preview kontext-tiny models/kontext-tiny/held-out/images/*.png
            """
        )
        {
            name,
            images,
        };
        device.AddTo(command);
        command.SetAction(
            (parsed, cancellation) =>
            {
                var options = device.Read(parsed);
                var bundle = terminal.Models.Open(parsed.GetRequiredValue(name));
                BundleFit.Check(bundle);
                var preview = PreviewFit.Fit(
                    bundle,
                    options,
                    parsed.GetRequiredValue(images).Select(file => ImageDecoder.DecodeFile(file)),
                    cancellation
                );
                terminal.Error.WriteLine($"wrote {bundle.WritePreview(preview)}");
                return Task.FromResult(0);
            }
        );
        return command;
    }
}
