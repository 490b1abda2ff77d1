using System.Globalization;
using Kontext.Contracts.Tensors;
using Kontext.Flux.Bundles;
using Kontext.Flux.Onnx;

namespace Kontext.Cli.Commands;

/// <summary>A model in words and tables, for people.</summary>
internal static class ModelSummary
{
    public static void Write(ModelBundle bundle, TextWriter to)
    {
        var parts = PartWeights.Of(bundle);
        var manifest = bundle.Manifest;
        to.WriteLine($"{manifest.Name}, licence {manifest.Licence ?? "not stated"}");
        to.WriteLine($"folder {bundle.Folder}");
        to.WriteLine($"digest {manifest.Digest}");

        to.WriteLine();
        to.WriteLine($"{"part", -12} {"parameters", 15} {"stored", 10}  as");
        foreach (var part in parts)
        {
            var types = string.Join(", ", part.Types.Select(type => type == DType.U8 ? "int8" : type.Name()));
            to.WriteLine($"{part.Part, -12} {Number(part.Parameters), 15} {Size(part.Bytes), 10}  {types}");
        }
        var (parameters, stored) = (parts.Sum(part => part.Parameters), parts.Sum(part => part.Bytes));
        to.WriteLine($"{"in all", -12} {Number(parameters), 15} {Size(stored), 10}");

        WriteExports(manifest, to);

        var sampling = manifest.Sampling;
        to.WriteLine();
        to.WriteLine($"memory for {sampling.DefaultSize} with one context, and the GPUs (GB) that hold it");
        to.WriteLine($"{"stage", -8} {"in", -5} {"weights", 10} {"activations", 12} {"in all", 10}  fits");
        foreach (var stage in StageMemory.Of(manifest, parts))
        {
            var fits = stage.Fits is [] ? "none" : string.Join(' ', stage.Fits);
            to.WriteLine(
                $"{stage.Stage, -8} {stage.Precision.ShortName(), -5} {Size(stage.Weights), 10} "
                    + $"{Size(stage.Activations), 12} {Size(stage.Bytes), 10}  {fits}"
            );
        }

        to.WriteLine();
        to.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"defaults: {sampling.Steps} steps, guidance {sampling.Guidance}, {sampling.DefaultSize}, "
                    + $"up to {sampling.MaxContexts} contexts"
            )
        );
        to.WriteLine($"sizes: {string.Join(' ', sampling.PreferredSizes)}");
    }

    /// <summary>How graphs differ that other programs exported.</summary>
    private static void WriteExports(ModelManifest manifest, TextWriter to)
    {
        if (manifest.Graphs is not { } graphs)
        {
            return;
        }
        to.WriteLine();
        to.WriteLine($"{"exported", -16} {"in", -5} file, what it takes -> gives");
        foreach (var (name, graph) in graphs)
        {
            var latents = graph.Latents switch
            {
                LatentForm.Scaled => ", latents scaled inside",
                LatentForm.Plain => ", latents scaled outside",
                LatentForm.MeanLogVariance => ", mean and variance, scaled outside",
                _ => "",
            };
            to.WriteLine(
                $"{name, -16} {graph.Precision.ShortName(), -5} {graph.File}{(graph.NeedsTensorRt ? ", TensorRT alone" : "")}: "
                    + $"{string.Join(", ", graph.Inputs.Values)} -> {string.Join(", ", graph.Outputs.Values)}{latents}"
            );
        }
    }

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Bytes in powers of ten, three digits or more.</summary>
    internal static string Size(long bytes) =>
        bytes >= 1_000_000_000
            ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.00} GB")
            : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.00} MB");
}
