using System.Text.Json;
using Kontext.Flux.Bundles;
using Kontext.Flux.Images;

namespace Kontext.Cli.Tests;

/// <summary>The model that comes with the repository, as its users find it.</summary>
public sealed class KontextTinyTests(TinyModel model) : CommandTests(model)
{
    /// <summary>Less than the card says by what so small a set may differ.</summary>
    private const double MinRight = 0.9;

    /// <summary>What 8 bits may cost against the true results, in any category.</summary>
    private const double MostDecibels = 0.5;

    /// <summary>And of the share of right edits.</summary>
    private const double MostShare = 0.02;

    private static readonly string Models = Path.Combine(RepositoryRoot(), "models");
    private static readonly ModelLibrary Library = new(Models);

    private static string Folder => Path.Combine(Models, "kontext-tiny");

    [Fact]
    public void It_is_whole() => Of("model", "verify", "kontext-tiny").ShouldSucceed();

    [Fact]
    public void The_edit_of_the_readme_does_what_it_says()
    {
        var source = Path.Combine(Folder, "samples", "shapes.png");
        Of("edit", source, "make the background pink", "--seed", "7", "--output", At("edited.png")).ShouldSucceed();

        var (before, after) = (ReadPicture(source), ReadPicture(At("edited.png")));
        Pixel(after, 2, 2).ShouldBeNear(250, 185, 205);
        Pixel(after, 32, 32).ShouldBeNear(250, 185, 205);
        Pixel(after, 16, 48).ShouldBeNear(250, 185, 205);
        foreach (var (x, y) in new[] { (16, 16), (48, 16), (48, 48) })
        {
            var (red, green, blue) = Pixel(before, x, y);
            Pixel(after, x, y).ShouldBeNear(red, green, blue);
        }
    }

    [Fact]
    public void Held_out_scenes_score_as_the_card_says()
    {
        var run = Of("bench", "quality", "--pairs", Path.Combine(Folder, "held-out"), "--json", "--threads", "1");

        using var json = JsonDocument.Parse(run.ShouldSucceed().Out);
        json.RootElement.GetProperty("scores")
            .GetProperty("all")
            .GetProperty("ok")
            .GetDouble()
            .ShouldBeGreaterThan(MinRight);
    }

    [Fact]
    public void In_8_bits_it_is_as_good()
    {
        var config = $$"""
            {
              "transformer": { "axes_dim": [8, 12, 12] },
              "autoencoder": { "norm_groups": 8, "scale_factor": 0.7577, "shift_factor": -0.014 },
              "clip": { "num_attention_heads": 3 },
              "sampling": {{Sampling()}}
            }
            """;
        string[] import =
        [
            .. new[] { "model", "import", "--name", "int8", "--weights", "int8", "--config", config },
            .. new[] { "--transformer", Path.Combine(Folder, "transformer.safetensors") },
            .. new[] { "--autoencoder", Path.Combine(Folder, "autoencoder.safetensors") },
            .. new[] { "--t5", Source("t5", "spiece.model"), "--clip", Source("clip", "vocab.json", "merges.txt") },
        ];
        CommandRun.Of(new(At("models")), import).ShouldSucceed();

        var pairs = Path.Combine(Folder, "held-out");
        string[] models = ["--model", At("models/int8"), "--against", Folder];
        var run = Of(["bench", "quality", "--pairs", pairs, .. models, "--json", "--threads", "1"]);
        using var json = JsonDocument.Parse(run.ShouldSucceed().Out);
        var differences = json
            .RootElement.GetProperty("against")
            .GetProperty("differences")
            .EnumerateObject()
            .ToArray();
        differences.Length.ShouldBeGreaterThan(6);
        foreach (var row in differences)
        {
            Math.Abs(row.Value.GetProperty("psnr").GetDouble()).ShouldBeLessThan(MostDecibels, row.Name);
        }
        // Of ten pairs, one on the edge would be ten points: the share is held over all of them.
        var all = differences.Single(row => row.Name == "all").Value;
        Math.Abs(all.GetProperty("ok").GetDouble()).ShouldBeLessThanOrEqualTo(MostShare);
    }

    /// <summary>A text encoder of the model as it was before it was imported.</summary>
    private string Source(string part, params string[] tokenizer)
    {
        Directory.CreateDirectory(At(part));
        File.Copy(Path.Combine(Folder, $"{part}.safetensors"), At($"{part}/model.safetensors"));
        File.WriteAllText(At($"{part}/tokenizer_config.json"), """{"model_max_length": 24}""");
        foreach (var file in tokenizer)
        {
            File.Copy(Path.Combine(Folder, $"{part}.{file}"), At($"{part}/{file}"));
        }
        return At(part);
    }

    internal static string Sampling()
    {
        using var manifest = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder, "model.json")));
        return manifest.RootElement.GetProperty("sampling").GetRawText();
    }

    private static CommandRun Of(params string[] arguments) => CommandRun.Of(Library, arguments);

    private static (byte Red, byte Green, byte Blue) Pixel(RgbImage image, int x, int y)
    {
        var at = ((y * image.Width) + x) * RgbImage.Channels;
        return (image.Pixels[at], image.Pixels[at + 1], image.Pixels[at + 2]);
    }

    internal static string RepositoryRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Kontext.Distributed.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("The tests do not lie in the repository.");
        }
        return folder.FullName;
    }
}

internal static class Colours
{
    /// <summary>What two colours may differ in each channel and still look alike.</summary>
    private const int Tolerance = 24;

    public static void ShouldBeNear(this (byte Red, byte Green, byte Blue) colour, int red, int green, int blue)
    {
        int[] differences = [Math.Abs(colour.Red - red), Math.Abs(colour.Green - green), Math.Abs(colour.Blue - blue)];
        differences.Max().ShouldBeLessThanOrEqualTo(Tolerance, $"{colour} is not near ({red}, {green}, {blue})");
    }
}
