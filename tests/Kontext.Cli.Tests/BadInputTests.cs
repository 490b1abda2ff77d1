namespace Kontext.Cli.Tests;

/// <summary>Every wrong input ends in one line that names what is wrong, the right exit code, and no file.</summary>
public sealed class BadInputTests(TinyModel model) : CommandTests(model)
{
    [Theory]
    [InlineData("steps_out_of_range", "not 0.", "--steps", "0")]
    [InlineData("steps_out_of_range", "not -1.", "--steps", "-1")]
    [InlineData("steps_out_of_range", "1 to 500, not 10000.", "--steps", "10000")]
    [InlineData("usage", "--steps takes a whole number up to 2147483647, not 'abc'.", "--steps", "abc")]
    [InlineData("usage", "--steps takes a whole number up to 2147483647, not '1.5'.", "--steps", "1.5")]
    [InlineData("usage", "--steps takes a whole number up to 2147483647, not ''.", "--steps", "")]
    [InlineData("usage", "--steps", "--steps")]
    [InlineData("usage", "--steps", "--steps", "3", "--steps", "4")]
    [InlineData("usage", "--guidance takes a number such as 2.5, not 'nan'.", "--guidance", "nan")]
    [InlineData("usage", "--guidance takes a number such as 2.5, not 'inf'.", "--guidance", "inf")]
    [InlineData("usage", "--guidance takes a number such as 2.5, not '1e99'.", "--guidance", "1e99")]
    [InlineData("usage", "--guidance takes a number such as 2.5, not '2,5'.", "--guidance", "2,5")]
    [InlineData("guidance_out_of_range", "0 to 30, not -1.", "--guidance", "-1")]
    [InlineData("guidance_out_of_range", "0 to 30, not 1000.", "--guidance", "1000")]
    [InlineData("guidance_out_of_range", "not 31.", "--negative-prompt", "fog", "--true-cfg", "31")]
    [InlineData("count_out_of_range", "1 to 64, not 0.", "--count", "0")]
    [InlineData("count_out_of_range", "1 to 64, not 1000.", "--count", "1000")]
    [InlineData("usage", "--count takes a whole number up to 2147483647, not '99999999999'.", "--count", "99999999999")]
    [InlineData("usage", "--seed takes a number from 0 to 9223372036854775743, not -1.", "--seed", "-1")]
    [InlineData("usage", "--seed takes a whole number up to 9223372036854775807, not", "--seed", "9223372036854775808")]
    [InlineData("usage", "to 9223372036854775743", "--seed", "9223372036854775807")]
    [InlineData("size_invalid", "the nearest is 64x64", "--size", "63x64")]
    [InlineData("size_invalid", "'0x0'", "--size", "0x0")]
    [InlineData("size_invalid", "the nearest is 256x256", "--size", "100000x100000")]
    [InlineData("size_invalid", "'axb'", "--size", "axb")]
    [InlineData("size_invalid", "''", "--size", "")]
    [InlineData("size_invalid", "'64'", "--size", "64")]
    [InlineData("size_invalid", "'-64x64'", "--size", "-64x64")]
    [InlineData("size_invalid", "16x16 is not one the model makes", "--size", "16x16")]
    [InlineData("size_invalid", "'0:1'", "--aspect-ratio", "0:1")]
    [InlineData("size_invalid", "'1:0'", "--aspect-ratio", "1:0")]
    [InlineData("size_invalid", "'16/9'", "--aspect-ratio", "16/9")]
    [InlineData("size_invalid", "is not one the model makes", "--aspect-ratio", "999999:1")]
    [InlineData("size_invalid", "'99999999999:1'", "--aspect-ratio", "99999999999:1")]
    [InlineData("size_invalid", "give one of them", "--size", "64x64", "--aspect-ratio", "1:1")]
    [InlineData("usage", "--true-cfg above 1", "--negative-prompt", "fog")]
    [InlineData("usage", "--true-cfg above 1", "--negative-prompt", "fog", "--true-cfg", "1")]
    [InlineData("usage", "needs a --negative-prompt", "--true-cfg", "3")]
    [InlineData("usage", "'gif' is not an image format", "--format", "gif")]
    [InlineData("usage", "not 'abacus'", "--device", "abacus")]
    [InlineData("usage", "not 'int4'", "--precision", "int4")]
    [InlineData("usage", "--threads takes 0 to 1024, not -1.", "--threads", "-1")]
    [InlineData("usage", "'--stepz'", "--stepz", "3")]
    [InlineData("usage", "'more'", "more")]
    [InlineData("file_not_found", "There is no file '@/missing.png'.", "--image", "@/missing.png")]
    [InlineData("model_not_found", "no model 'other'", "--model", "other")]
    [InlineData("model_not_found", "no model ''", "--model", "")]
    [InlineData("model_not_found", "no model '..'", "--model", "..")]
    [InlineData("model_not_found", "no model '../../etc'", "--model", "../../etc")]
    [InlineData("model_not_found", "no model '/etc'", "--model", "/etc")]
    [InlineData("device_unavailable", "Cuda device 0", "--device", "cuda")]
    [InlineData("device_unavailable", "TensorRt device 0", "--device", "tensorrt")]
    [InlineData("precision_unsupported", "in bf16", "--precision", "bf16")]
    public void An_option_that_cannot_be_met_is_refused(string code, string words, params string[] options)
    {
        Refused(code, words, ["edit", "@/photo.png", "make it red", "--output", "@/x.png", .. options]);
        Refused(code, words, ["generate", "a star", "--output", "@/x.png", .. options]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("\t\n\u3000")]
    public void A_prompt_without_words_is_refused(string prompt)
    {
        Refused("prompt_empty", "empty", "edit", "@/photo.png", prompt, "--output", "@/x.png");
        Refused("prompt_empty", "empty", "generate", prompt, "--output", "@/x.png");
    }

    [Theory]
    [InlineData(10_000)]
    [InlineData(10_000_000)]
    public void A_prompt_beyond_what_the_model_reads_is_refused(int length)
    {
        var prompt = string.Concat(Enumerable.Repeat("word ", length / 5));
        Refused("prompt_too_long", "32", "generate", prompt, "--output", "@/x.png");
        string[] guided = ["--negative-prompt", prompt, "--true-cfg", "2"];
        Refused("prompt_too_long", "32", ["generate", "a star", "--output", "@/x.png", .. guided]);
    }

    [Theory]
    [InlineData("generate", "--jsn")]
    [InlineData("generate", "-x")]
    [InlineData("edit", "@/photo.png", "--jsn")]
    [InlineData("edit", "--compre", "@/photo.png")]
    [InlineData("model", "show", "--all")]
    public void A_misspelt_option_does_not_pass_for_an_argument(params string[] arguments) =>
        Refused(
            "usage",
            $"no option '{arguments.Single(a => a.StartsWith('-'))}'. If it is meant as text, write --",
            arguments
        );

    [Theory]
    [InlineData("file_not_found", "There is no file '@/missing.png'.", "missing.png")]
    [InlineData("file_not_found", "There is no file '@/no/such/folder.png'.", "no/such/folder.png")]
    [InlineData("file_not_found", "is a folder", "folder")]
    [InlineData("image_unreadable", "is not a PNG, JPEG or WebP image", "text.png")]
    [InlineData("image_unreadable", "is not a PNG, JPEG or WebP image", "empty.png")]
    [InlineData("image_unreadable", "is a damaged image", "truncated.png")]
    [InlineData("image_unreadable", "is a damaged image", "truncated.jpg")]
    [InlineData("image_unreadable", "is a damaged image", "truncated.webp")]
    [InlineData("image_unreadable", "is a damaged image", "signature.png")]
    [InlineData("image_too_large", "one side may be at most 32 times the other", "thread.png")]
    public void A_picture_that_cannot_be_read_is_named(string code, string words, string name)
    {
        Directory.CreateDirectory(At("folder"));
        File.WriteAllText(At("text.png"), "This is not a picture.");
        File.WriteAllBytes(At("empty.png"), []);
        File.WriteAllBytes(At("signature.png"), File.ReadAllBytes(At("photo.png"))[..8]);
        WritePicture("thread.png", 330, 10);
        foreach (var extension in new[] { "png", "jpg", "webp" })
        {
            WritePicture($"whole.{extension}", 64, 64);
            var whole = File.ReadAllBytes(At($"whole.{extension}"));
            File.WriteAllBytes(At($"truncated.{extension}"), whole[..(whole.Length / 2)]);
        }

        Refused(code, words, "edit", $"@/{name}", "make it red", "--output", "@/x.png");
        Refused(code, words, "edit", "@/photo.png", "make it red", "--image", $"@/{name}", "--output", "@/x.png");
        Refused(code, words, "generate", "a star", "--image", $"@/{name}", "--output", "@/x.png");
    }

    [Fact]
    public void More_pictures_than_the_model_takes_are_refused()
    {
        string[] images = [.. Enumerable.Repeat(new[] { "--image", "@/photo.png" }, 3).SelectMany(pair => pair)];
        Run(["generate", "a star", "--output", "@/three.png", .. images]).ShouldSucceed();
        Refused("too_many_contexts", "4 context images; the model takes 3", ["edit", "@/photo.png", "red", .. images]);
    }

    [Theory]
    [InlineData("Required command was not provided.")]
    [InlineData("'paint'", "paint")]
    [InlineData("IMAGE", "edit")]
    [InlineData("PROMPT", "edit", "@/photo.png")]
    [InlineData("PROMPT", "generate")]
    [InlineData("Required command was not provided.", "model")]
    [InlineData("MODEL", "model", "show")]
    [InlineData("'paint'", "model", "paint")]
    [InlineData("Required command was not provided.", "bench")]
    [InlineData("--name", "model", "import")]
    [InlineData("--inputs", "model", "run", "kontext-tiny", "t5", "--output", "@/x.safetensors")]
    public void A_command_line_that_is_not_whole_is_refused(string words, params string[] arguments) =>
        Refused("usage", words, arguments);

    [Fact]
    public void A_value_of_any_length_gives_a_line_that_can_be_read() =>
        Run("generate", "a star", "--steps", new string('9', 100_000)).Error.Length.ShouldBeLessThan(1200);

    [Fact]
    public void What_is_repeated_cannot_move_the_cursor() =>
        Refused("usage", "' [2J x' is not an image format", "generate", "a star", "--format", "\u001b[2J\nx");
}
