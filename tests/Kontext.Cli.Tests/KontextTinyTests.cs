using System.Text.Json;
using Kontext.Flux.Bundles;
using Kontext.Flux.Images;

namespace Kontext.Cli.Tests;

/// <summary>The model that comes with the repository, as its users find it.</summary>
public sealed class KontextTinyTests(TinyModel model) : CommandTests(model)
{
    /// <summary>Less than the card says by what so small a set may differ.</summary>
    private const double MinRight = 0.9;

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

    private static CommandRun Of(params string[] arguments) => CommandRun.Of(Library, arguments);

    private static (byte Red, byte Green, byte Blue) Pixel(RgbImage image, int x, int y)
    {
        var at = ((y * image.Width) + x) * RgbImage.Channels;
        return (image.Pixels[at], image.Pixels[at + 1], image.Pixels[at + 2]);
    }

    private static string RepositoryRoot()
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
