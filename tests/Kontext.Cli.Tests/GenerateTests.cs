namespace Kontext.Cli.Tests;

public sealed class GenerateTests(TinyModel model) : CommandTests(model)
{
    [Fact]
    public void A_picture_is_made_from_text_alone_at_the_models_size()
    {
        var run = Run("generate", "a blue star", "--seed", "3", "--output", "@/star.png").ShouldSucceed();
        run.Out.ShouldHaveSingleLine().ShouldBe($"{At("star.png")}  64x64  seed 3");
        Xmp(At("star.png")).ShouldContain("digitalsourcetype/trainedAlgorithmicMedia");
    }

    [Fact]
    public void A_folder_gets_a_picture_with_a_name_of_our_own()
    {
        Directory.CreateDirectory(At("pictures"));
        Run("generate", "a blue star", "--output", "@/pictures/", "--format", "jpeg").ShouldSucceed();
        Files().ShouldContain("pictures/generated.jpg");
    }

    [Theory]
    [InlineData("128x96", "--size", "128x96")]
    [InlineData("128x96", "--size", " 128X96 ")]
    [InlineData("80x48", "--aspect-ratio", "16:9")]
    [InlineData("48x80", "--aspect-ratio", "9:16")]
    [InlineData("64x64", "--aspect-ratio", "5:5")]
    public void The_size_is_the_one_asked_for(string size, params string[] options) =>
        Run(["generate", "a star", "--output", "@/x.png", .. options]).ShouldSucceed().Out.ShouldContain($"  {size}  ");

    [Fact]
    public void Context_images_change_the_picture_and_their_order_matters()
    {
        WritePicture("wide.png", 90, 50);
        string[] generate = ["generate", "a star", "--seed", "1", "--size", "64x64"];
        Run([.. generate, "--output", "@/none.png"]).ShouldSucceed();
        Run([.. generate, "--output", "@/ab.png", "--image", "@/photo.png", "--image", "@/wide.png"]).ShouldSucceed();
        Run([.. generate, "--output", "@/ba.png", "--image", "@/wide.png", "--image", "@/photo.png"]).ShouldSucceed();
        byte[][] made = [.. new[] { "none.png", "ab.png", "ba.png" }.Select(name => ReadPicture(At(name)).Pixels)];
        made[1].ShouldNotBe(made[0]);
        made[2].ShouldNotBe(made[1]);
    }

    [Fact]
    public void Without_a_seed_two_pictures_differ()
    {
        Run("generate", "a star", "--output", "@/a.png").ShouldSucceed();
        Run("generate", "a star", "--output", "@/b.png").ShouldSucceed();
        ReadPicture(At("b.png")).Pixels.ShouldNotBe(ReadPicture(At("a.png")).Pixels);
    }

    [Theory]
    [InlineData("@everyone look")]
    [InlineData("edit")]
    [InlineData("[suggest]")]
    [InlineData("naïve 日本語 😀")]
    [InlineData("a\nb\tc")]
    [InlineData("-5 degrees outside")]
    [InlineData("--help us")]
    [InlineData("--", "-5")]
    [InlineData("--", "--help")]
    public void Any_text_can_be_a_prompt(params string[] prompt) =>
        Run(["generate", "--output", "@/x.png", .. prompt]).ShouldSucceed();

    [Fact]
    public void A_model_can_be_named_by_its_folder()
    {
        var folder = Model.Copy(At("elsewhere"));
        Run("generate", "a star", "--output", "@/x.png", "--model", folder).ShouldSucceed();
        Run("generate", "a star", "--output", "@/y.png", "--model", "kontext-tiny", "--threads", "1").ShouldSucceed();
    }

    [Fact]
    public void Half_precision_runs_on_the_processor_and_comes_near()
    {
        string[] generate = ["generate", "a star", "--seed", "1"];
        Run([.. generate, "--output", "@/full.png"]).ShouldSucceed();
        Run([.. generate, "--output", "@/half.png", "--precision", "fp16"]).ShouldSucceed();
        var (full, half) = (ReadPicture(At("full.png")).Pixels, ReadPicture(At("half.png")).Pixels);
        half.ShouldNotBe(full);
        half.Zip(full, (a, b) => Math.Abs(a - b)).Average().ShouldBeLessThan(2);
    }
}
