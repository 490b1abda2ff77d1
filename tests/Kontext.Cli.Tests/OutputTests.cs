namespace Kontext.Cli.Tests;

/// <summary>Outputs that cannot be written are found before any work is done, and nothing is left behind.</summary>
public sealed class OutputTests(TinyModel model) : CommandTests(model)
{
    [Theory]
    [InlineData("output_unwritable", "there is no folder '@/missing'", "@/missing/x.png")]
    [InlineData("output_unwritable", "there is no folder '@/missing'", "@/missing/")]
    [InlineData("output_unwritable", "there is no folder '@/photo.png'", "@/photo.png/x.png")]
    [InlineData("output_unwritable", "there is no folder '@/photo.png'", "@/photo.png/")]
    [InlineData("output_unwritable", "takes no files", "/proc/x.png")]
    [InlineData("output_unwritable", "'/dev' holds devices", "/dev/full")]
    [InlineData("output_unwritable", "'/dev' holds devices", "/dev/kontext.png")]
    [InlineData("usage", "'gif' is not an image format", "@/x.gif")]
    [InlineData("usage", "'d' is not an image format", "@/v1.d")]
    [InlineData("usage", "is not a path", "")]
    public void A_place_that_takes_no_picture_is_refused(string code, string words, string output)
    {
        Refused(code, words, "edit", "@/photo.png", "make it red", "--output", output);
        Refused(code, words, "edit", "@/photo.png", "make it red", "--output", "@/x.png", "--compare", output);
        Refused(code, words, "generate", "a star", "--output", output);
    }

    [Fact]
    public void A_name_too_long_for_the_disk_is_refused() =>
        Refused(
            "output_unwritable",
            "cannot be written",
            "generate",
            "a star",
            "--output",
            $"@/{new string('x', 300)}"
        );

    [Theory]
    [InlineData("x.png", "jpeg")]
    [InlineData("x.jpg", "webp")]
    [InlineData("x.webp", "png")]
    public void A_name_and_a_format_that_contradict_are_refused(string name, string format)
    {
        string[] options = ["--output", $"@/{name}", "--format", format];
        Refused("usage", "leave one of them out", ["edit", "@/photo.png", "make it red", .. options]);
        Refused("usage", "leave one of them out", ["generate", "a star", .. options]);
    }

    [Theory]
    [InlineData("@/x.png", "@/x.png", 1)]
    [InlineData("@/x.png", "@/../x.png", 1)]
    [InlineData("@/x.png", "@/x-2.png", 2)]
    public void A_comparison_does_not_take_the_place_of_a_picture(string output, string compare, int count)
    {
        compare = compare.Replace("..", $"../{Path.GetFileName(At("").TrimEnd('/'))}", StringComparison.Ordinal);
        string[] options = ["--output", output, "--compare", compare, "--count", $"{count}"];
        Refused("usage", "--compare", ["edit", "@/photo.png", "make it red", .. options]);
    }

    [Fact]
    public void A_folder_where_a_picture_should_go_takes_the_picture_inside()
    {
        Directory.CreateDirectory(At("x.png"));
        Run("generate", "a star", "--output", "@/x.png").ShouldSucceed();
        Files().ShouldContain("x.png/generated.png");
    }
}
