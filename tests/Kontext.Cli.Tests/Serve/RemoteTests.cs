using System.Text.Json;
using Kontext.Contracts;

namespace Kontext.Cli.Tests.Serve;

/// <summary>With <c>--server</c> everything looks as it does without.</summary>
public sealed class RemoteTests(TinyModel model, ServeFixture serve) : CommandTests(model), IClassFixture<ServeFixture>
{
    [Theory]
    [InlineData("x.png")]
    [InlineData("x.png", "--steps", "3", "--guidance", "1.5")]
    [InlineData("x.png", "--negative-prompt", "fog", "--true-cfg", "2")]
    [InlineData("x.png", "--size", "48x80")]
    [InlineData("x.png", "--aspect-ratio", "2:1")]
    [InlineData("x.jpg")]
    [InlineData("x.webp", "--model", "kontext-tiny")]
    public void An_edit_gives_the_same_picture_and_says_the_same(string name, params string[] options)
    {
        string[] edit = ["edit", ServeFixture.Shapes, "make the background pink", "--seed", "7", .. options];
        var here = Of([.. edit, "--output", At($"here-{name}"), "--threads", "1"]).ShouldSucceed();
        var there = Of([.. edit, "--output", At($"there-{name}"), "--server", serve.Url]).ShouldSucceed();

        ReadPicture(At($"there-{name}")).Pixels.ShouldBe(ReadPicture(At($"here-{name}")).Pixels);
        Xmp(At($"there-{name}")).ShouldBe(Xmp(At($"here-{name}")));
        there.Out.ShouldBe(here.Out.Replace("here-", "there-", StringComparison.Ordinal));
        there.Error.ShouldHaveSingleLine().Split(' ')[..2].ShouldBe(here.Error.ShouldHaveSingleLine().Split(' ')[..2]);
    }

    [Fact]
    public void Several_images_a_comparison_and_a_report_come_as_they_do_here()
    {
        var run = Of(
                "edit",
                ServeFixture.Shapes,
                "make the background pink",
                "--seed",
                "5",
                "--count",
                "3",
                "--output",
                At("x.png"),
                "--compare",
                At("both.png"),
                "--json",
                "--server",
                serve.Url
            )
            .ShouldSucceed();
        run.Error.ShouldBeEmpty();
        using var json = JsonDocument.Parse(run.Out);
        var root = json.RootElement;
        root.GetProperty("id").GetString()!.Length.ShouldBe(32);
        root.GetProperty("model").GetString().ShouldBe("kontext-tiny");
        root.GetProperty("steps").GetInt32().ShouldBe(8);
        root.GetProperty("timings_ms").GetProperty("denoise").GetDouble().ShouldBeGreaterThan(0);
        var images = root.GetProperty("images").EnumerateArray().ToArray();
        images.Select(image => image.GetProperty("seed").GetInt64()).ShouldBe([5, 6, 7]);
        images
            .Select(image => image.GetProperty("path").GetString())
            .ShouldBe([At("x-1.png"), At("x-2.png"), At("x-3.png")]);
        ReadPicture(At("x-1.png")).Pixels.ShouldNotBe(ReadPicture(At("x-2.png")).Pixels);
        ReadPicture(At("both.png")).Width.ShouldBeGreaterThan(2 * 64);
    }

    [Fact]
    public void Text_alone_makes_a_picture_too()
    {
        string[] generate = ["generate", "a red circle at the top left on a white background", "--seed", "3"];
        Of([.. generate, "--output", At("here.png"), "--threads", "1"]).ShouldSucceed();
        Of([.. generate, "--output", At("there.png"), "--server", serve.Url]).ShouldSucceed();
        ReadPicture(At("there.png")).Pixels.ShouldBe(ReadPicture(At("here.png")).Pixels);
    }

    [Fact]
    public void Steps_are_shown_as_they_are_taken()
    {
        string[] arguments =
        [
            .. new[] { "generate", "a star", "--steps", "300", "--output", At("x.png"), "--server", serve.Url },
        ];
        var run = CommandRun.Of(ServeFixture.Models, arguments, watched: true).ShouldSucceed();
        run.Error.ShouldContain("/300");
        run.Error[run.Error.LastIndexOf('\r')..].ShouldStartWith("\r\u001b[K300 steps in ");
    }

    [Theory]
    [InlineData("steps_out_of_range", "from 1 to 500, not 900", "--steps", "900")]
    [InlineData("count_out_of_range", "from 1 to 64, not 65", "--count", "65")]
    [InlineData("guidance_out_of_range", "not 31", "--guidance", "31")]
    [InlineData("size_invalid", "65x64", "--size", "65x64")]
    [InlineData(
        "too_many_contexts",
        "the model takes 4",
        "--image",
        "photo.png",
        "--image",
        "photo.png",
        "--image",
        "photo.png",
        "--image",
        "photo.png",
        "--image",
        "photo.png"
    )]
    [InlineData("model_not_found", "There is no model 'pro'", "--model", "pro")]
    [InlineData("usage", "--device has no effect with --server", "--device", "cpu")]
    [InlineData("usage", "--precision has no effect with --server", "--precision", "fp32")]
    [InlineData("usage", "--threads has no effect with --server", "--threads", "1")]
    [InlineData("file_not_found", "'missing.png'", "--image", "missing.png")]
    public void What_is_wrong_is_said_as_it_is_here(string code, string words, params string[] options)
    {
        string[] paths = [.. options.Select(option => option == "photo.png" ? At(option) : option)];
        Of(["generate", "a star", "--output", At("x.png"), "--server", serve.Url, .. paths])
            .ShouldFailAs(code.ToErrorCode(), words);
        Files().ShouldBe(Given);
    }

    [Fact]
    public void What_fails_at_the_server_fails_here()
    {
        var prompt = string.Concat(Enumerable.Repeat("word ", 500));
        Of("generate", prompt, "--output", At("x.png"), "--server", serve.Url)
            .ShouldFailAs(ErrorCode.PromptTooLong, "more than fit in");
        Files().ShouldBe(Given);
    }

    [Theory]
    [InlineData("service_unavailable", "cannot be reached", "http://127.0.0.1:1")]
    [InlineData("usage", "takes a URL", "127.0.0.1:8080")]
    [InlineData("usage", "takes a URL", "ftp://127.0.0.1")]
    [InlineData("usage", "takes a URL", "")]
    public void A_server_that_is_none_is_named(string code, string words, string url) =>
        Of("generate", "a star", "--output", At("x.png"), "--server", url).ShouldFailAs(code.ToErrorCode(), words);

    [Fact]
    public void What_answers_but_is_no_server_of_ours_is_named() =>
        Of("generate", "a star", "--output", At("x.png"), "--server", $"{serve.Url}healthz/live")
            .ShouldFailAs(ErrorCode.RequestInvalid, "There is nothing at");

    private static CommandRun Of(params string[] arguments) => CommandRun.Of(ServeFixture.Models, arguments);
}
