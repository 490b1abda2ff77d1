using System.Text.Json;

namespace Kontext.Cli.Tests;

public sealed class EditTests(TinyModel model) : CommandTests(model)
{
    private static readonly string[] Edit = ["edit", "@/photo.png", "make the background pink"];

    [Fact]
    public void An_edit_writes_the_picture_it_names_and_nothing_else()
    {
        var run = Run([.. Edit, "--seed", "7", "--output", "@/result.png"]).ShouldSucceed();

        run.Out.ShouldHaveSingleLine().ShouldBe($"{At("result.png")}  64x64  seed 7");
        run.Error.ShouldHaveSingleLine().ShouldContain("4 steps in ");
        var picture = ReadPicture(At("result.png"));
        (picture.Width, picture.Height).ShouldBe((64, 64));
        Files().ShouldBe(["photo.png", "result.png"]);
    }

    [Fact]
    public void The_same_seed_gives_the_same_bytes_and_another_seed_does_not()
    {
        Run([.. Edit, "--seed", "7", "--output", "@/a.png"]).ShouldSucceed();
        Run([.. Edit, "--seed", "7", "--output", "@/b.png"]).ShouldSucceed();
        Run([.. Edit, "--seed", "8", "--output", "@/c.png"]).ShouldSucceed();

        File.ReadAllBytes(At("b.png")).ShouldBe(File.ReadAllBytes(At("a.png")));
        ReadPicture(At("c.png")).Pixels.ShouldNotBe(ReadPicture(At("a.png")).Pixels);
    }

    [Theory]
    [InlineData("another prompt", "@/photo.png", "make it blue")]
    [InlineData("another picture", "@/other.png", "make it red")]
    [InlineData("other steps", "@/photo.png", "make it red", "--steps", "3")]
    [InlineData("other guidance", "@/photo.png", "make it red", "--guidance", "4.5")]
    [InlineData("a negative prompt", "@/photo.png", "make it red", "--negative-prompt", "fog", "--true-cfg", "3")]
    [InlineData("a further context", "@/photo.png", "make it red", "--image", "@/other.png")]
    public void What_is_asked_for_reaches_the_picture(string what, params string[] asked)
    {
        WritePicture("other.png", 33, 40);
        Run("edit", "@/photo.png", "make it red", "--seed", "1", "--output", "@/plain.png").ShouldSucceed();
        Run(["edit", .. asked, "--seed", "1", "--output", "@/asked.png"]).ShouldSucceed();
        ReadPicture(At("asked.png")).Pixels.ShouldNotBe(ReadPicture(At("plain.png")).Pixels, what);
    }

    [Fact]
    public void Several_images_are_numbered_and_take_one_seed_each()
    {
        Directory.CreateDirectory(At("results"));
        var run = Run([.. Edit, "--seed", "7", "--count", "3", "--output", "@/results"]).ShouldSucceed();

        var lines = run.Out.TrimEnd().Split('\n');
        lines.ShouldBe([
            .. Enumerable.Range(1, 3).Select(i => $"{At($"results/photo-edited-{i}.png")}  64x64  seed {6 + i}"),
        ]);
        // Drawn together or alone, an image is the same but for the order of sums in a batch.
        Run([.. Edit, "--seed", "9", "--output", "@/third.png"]).ShouldSucceed();
        var (third, alone) = (ReadPicture(At("results/photo-edited-3.png")), ReadPicture(At("third.png")));
        third.Pixels.Zip(alone.Pixels, (a, b) => Math.Abs(a - b)).Max().ShouldBeLessThanOrEqualTo(2);
        third.Pixels.ShouldNotBe(ReadPicture(At("results/photo-edited-1.png")).Pixels);
    }

    [Theory]
    [InlineData("x.png", "png")]
    [InlineData("x.jpg", "jpeg")]
    [InlineData("x.JPEG", "jpeg")]
    [InlineData("x.webp", "webp")]
    [InlineData("x", "png")]
    [InlineData("x.jpg", "jpeg", "--format", "jpeg")]
    [InlineData("x", "webp", "--format", "WebP")]
    public void The_format_follows_the_name_or_the_option(string name, string format, params string[] options)
    {
        Run([.. Edit, "--output", $"@/{name}", .. options]).ShouldSucceed();
        var made = Files().Except(Given).ShouldHaveSingleItem();
        made.ShouldBe(Path.HasExtension(name) ? name : $"{name}.{format}");
        Signature(File.ReadAllBytes(At(made))).ShouldBe(format);
    }

    [Theory]
    [InlineData("x.png")]
    [InlineData("x.jpg")]
    [InlineData("x.webp")]
    public void A_picture_says_how_it_was_made_but_not_what_was_asked(string name)
    {
        Run([.. Edit, "--seed", "7", "--output", $"@/{name}", "--compare", $"@/both-{name}"]).ShouldSucceed();
        foreach (var note in new[] { Xmp(At(name)), Xmp(At($"both-{name}")) })
        {
            note.ShouldContain("digitalsourcetype/compositeWithTrainedAlgorithmicMedia");
            note.ShouldContain("kontext:Model=\"kontext-tiny\"");
            note.ShouldContain("kontext:Seed=\"7\"");
            note.ShouldNotContain("pink");
        }
    }

    [Theory]
    [InlineData("64x64", 40, 40)]
    [InlineData("80x48", 300, 200)]
    [InlineData("48x80", 20, 40)]
    public void The_size_follows_the_shape_of_the_picture(string size, int width, int height)
    {
        WritePicture("shape.jpg", width, height);
        Run("edit", "@/shape.jpg", "make it red", "--output", "@/x.png")
            .ShouldSucceed()
            .Out.ShouldContain($"  {size}  ");
    }

    [Fact]
    public void A_comparison_shows_before_and_after_at_one_height()
    {
        var run = Run([.. Edit, "--output", "@/x.png", "--compare", "@/both.webp"]).ShouldSucceed();
        run.Out.ShouldContain($"{At("both.webp")}  before and after");
        Signature(File.ReadAllBytes(At("both.webp"))).ShouldBe("webp");
        var both = ReadPicture(At("both.webp"));
        (both.Width, both.Height).ShouldBe((256 + 8 + 256, 256));
    }

    [Fact]
    public void Json_tells_everything_and_stands_alone_on_the_output()
    {
        var run = Run([
            .. Edit,
            "--seed",
            "5",
            "--count",
            "2",
            "--output",
            "@/x.png",
            "--compare",
            "@/y.png",
            "--json",
        ]);
        run.ShouldSucceed().Error.ShouldBeEmpty();

        using var json = JsonDocument.Parse(run.Out);
        var root = json.RootElement;
        Guid.TryParse(root.GetProperty("id").GetString(), out _).ShouldBeTrue();
        root.GetProperty("model").GetString().ShouldBe("kontext-tiny");
        root.GetProperty("prompt").GetString().ShouldBe("make the background pink");
        root.GetProperty("steps").GetInt32().ShouldBe(4);
        root.GetProperty("guidance").GetSingle().ShouldBe(2.5f);
        root.GetProperty("compare").GetString().ShouldBe(At("y.png"));
        var images = root.GetProperty("images").EnumerateArray().ToArray();
        images.Select(image => image.GetProperty("index").GetInt32()).ShouldBe([0, 1]);
        images.Select(image => image.GetProperty("seed").GetInt64()).ShouldBe([5, 6]);
        images.Select(image => image.GetProperty("path").GetString()).ShouldBe([At("x-1.png"), At("x-2.png")]);
        images.ShouldAllBe(image => image.GetProperty("width").GetInt32() == 64);
        images.ShouldAllBe(image => image.GetProperty("height").GetInt32() == 64);
        var timings = root.GetProperty("timings_ms");
        var stages = new[] { "encode", "denoise", "decode" }.Sum(stage => timings.GetProperty(stage).GetDouble());
        stages.ShouldBeGreaterThan(0);
        timings.GetProperty("total").GetDouble().ShouldBeGreaterThan(stages);
    }

    [Fact]
    public void Progress_is_shown_only_while_somebody_watches_and_then_taken_away()
    {
        string[] arguments = [.. Edit.Select(Expand), "--output", At("x.png")];
        var unwatched = CommandRun.Of(Model.Library, arguments).ShouldSucceed();
        unwatched.Error.ShouldNotContain('\r');

        var watched = CommandRun.Of(Model.Library, arguments, watched: true).ShouldSucceed();
        watched.Error.ShouldStartWith("\r");
        watched.Error.ShouldContain("step 1/4");
        // Back to the start of the line and the rest of it erased: the summary stands there alone.
        watched.Error[watched.Error.LastIndexOf('\r')..].ShouldStartWith("\r\u001b[K4 steps in ");
    }

    [Fact]
    public void A_seed_beyond_32_bits_means_its_lower_32_as_in_PyTorch()
    {
        Run([.. Edit, "--seed", "7", "--output", "@/low.png"]).ShouldSucceed();
        Run([.. Edit, "--seed", $"{(5L << 32) + 7}", "--output", "@/high.png"]).ShouldSucceed();
        ReadPicture(At("high.png")).Pixels.ShouldBe(ReadPicture(At("low.png")).Pixels);
    }

    [Fact]
    public void The_picture_itself_may_be_overwritten()
    {
        Run([.. Edit, "--output", "@/photo.png"]).ShouldSucceed();
        ReadPicture(At("photo.png")).Width.ShouldBe(64);
        Files().ShouldBe(Given);
    }

    private static string Signature(byte[] bytes) =>
        bytes switch
        {
            [0x89, (byte)'P', (byte)'N', (byte)'G', ..] => "png",
            [0xFF, 0xD8, 0xFF, ..] => "jpeg",
            [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] =>
                "webp",
            _ => "unknown",
        };
}
