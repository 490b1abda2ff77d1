using System.CommandLine;
using Kontext.Contracts;
using Kontext.Contracts.Tensors;
using Kontext.Flux.Bundles;
using Kontext.Flux.Files;
using Kontext.Flux.Images;
using Kontext.Flux.Sessions;
using Kontext.Flux.Weights;

namespace Kontext.Cli.Commands;

/// <summary><c>kontext model run MODEL GRAPH</c>: one graph on given tensors.</summary>
internal static class ModelRunCommand
{
    public static Command Create(Terminal terminal)
    {
        var name = ModelCommand.NameArgument();
        var graph = new Argument<string>("GRAPH")
        {
            Description = "t5, clip, context-encoder, decoder or transformer.",
        };
        var inputs = new Option<string>("--inputs")
        {
            Description = "Safetensors file with the graph's inputs.",
            HelpName = "PATH",
            Required = true,
        };
        var output = new Option<string>("--output")
        {
            Description = "Safetensors file to write.",
            HelpName = "PATH",
            Required = true,
        };
        var device = new DeviceArguments();
        var graphs = string.Join("\n", GraphRunner.Graphs.Select(line => $"  {line}"));
        var command = new DocumentedCommand(
            "run",
            "Run one graph of a model on given tensors, to port or check a model.",
            $"""
            Graphs:
            {graphs}

            Example:
              kontext model run kontext-tiny decoder --inputs latents.safetensors --output image.safetensors
            """
        )
        {
            name,
            graph,
            inputs,
            output,
        };
        device.AddTo(command);
        command.SetAction(parsed =>
        {
            var target = parsed.GetRequiredValue(output);
            var bundle = terminal.Models.Open(parsed.GetRequiredValue(name));
            var given = ReadTensors(parsed.GetRequiredValue(inputs));
            AtomicFile.CheckPlace(target);
            var made = GraphRunner.Run(bundle, parsed.GetRequiredValue(graph), given, device.Read(parsed));
            SafetensorsWriter.WriteFile(target, made);
            foreach (var (tensor, value) in made)
            {
                terminal.Out.WriteLine($"{tensor} {value} -> {target}");
            }
        });
        return command;
    }

    private static Dictionary<string, HostTensor> ReadTensors(string path)
    {
        using var file = SafetensorsFile.Open(path, ErrorCode.InputInvalid);
        return file.Tensors.Keys.ToDictionary(tensor => tensor, file.Read);
    }
}
