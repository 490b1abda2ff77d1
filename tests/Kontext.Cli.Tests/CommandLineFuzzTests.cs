using Kontext.Flux.Tests;

namespace Kontext.Cli.Tests;

/// <summary>Whatever is typed ends in a known exit code and a line for the person who typed it, never in a fault of ours.</summary>
public sealed class CommandLineFuzzTests(TinyModel model) : CommandTests(model)
{
    private static readonly string[] Values =
    [
        .. new[] { "", " ", "0", "1", "2", "-1", "1e9", "NaN", "99999999999999999999", "x", "64x64", "80x48", "16:9" },
        .. new[] { "@/photo.png", "@/text.png", "@/missing.png", "@/", "/", ".", "..", "kontext-tiny", "@/no-model" },
        .. new[]
        {
            "png",
            "webp",
            "cpu",
            "cuda",
            "fp32",
            "fp16",
            "bf16",
            "int8",
            "t5",
            "decoder",
            "make it red",
            "{}",
            "{",
            "[]",
        },
        .. new[] { "--", "-", "@", "[suggest]", "[diagram]", "\u001b[31m", "日本語 😀", "\ud800", "a\nb" },
    ];

    private static readonly string[] Options =
    [
        .. new[] { "--seed", "--count", "--steps", "--guidance", "--size", "--aspect-ratio", "--image", "--format" },
        .. new[] { "--negative-prompt", "--true-cfg", "--model", "--json", "--device", "--precision", "--threads" },
        .. new[]
        {
            "--inputs",
            "--name",
            "--transformer",
            "--t5",
            "--config",
            "--weights",
            "--force",
            "--batch",
            "--limit",
            "--rate",
            "--budget",
            "--priorities",
            "--turns",
            "--help",
            "--version",
        },
    ];

    /// <summary>Pictures always have a path: the working folder is not the test's.</summary>
    private static readonly string[][] Commands =
    [
        ["edit", "--output", "@/x.png"],
        ["edit", "@/photo.png", "make it red", "--output", "@/x.png"],
        ["generate", "--output", "@/x.png"],
        ["generate", "a star", "--output", "@/x.png"],
        ["model", "list"],
        ["model", "show"],
        ["model", "verify"],
        ["model", "run", "kontext-tiny", "t5"],
        ["model", "run", "kontext-tiny", "t5", "--output", "@/out.safetensors", "--inputs", "@/photo.png"],
        ["model", "import"],
        ["model", "import", "--name", "new"],
        ["tenant", "list", "--data", "@/data"],
        ["tenant", "create", "--data", "@/data"],
        ["tenant", "set", "--data", "@/data", "acme"],
        ["bench"],
        ["bench", "kontextbench", "--output", "@/out"],
        ["paint"],
        [],
    ];

    private static readonly Gen<string> Word = Gen.Frequency(
        (5, OneOf(Options)),
        (5, OneOf(Values)),
        (1, Gen.String.Where(text => !text.Contains('\0')))
    );

    [Fact]
    public void Any_command_line_ends_in_a_known_way()
    {
        File.WriteAllText(At("text.png"), "This is not a picture.");
        Gen.Select(OneOf(Commands), Word.Array[0, 5])
            .Sample(
                (command, words) =>
                {
                    string[] arguments = [.. command, .. words];
                    var run = CommandRun.Of(new(At("models"), Model.Library.UserFolder), [.. arguments.Select(Expand)]);
                    var said = $"{string.Join(" | ", arguments)}\n{run.Error}";
                    run.ExitCode.ShouldBeOneOf([0, 2, 3, 4], said);
                    if (run.ExitCode != 0)
                    {
                        run.Error.ShouldHaveSingleLine().ShouldStartWith("error ");
                        run.Out.ShouldBeEmpty(said);
                    }
                },
                seed: "0000000000001",
                iter: Profile.Iterations(300)
            );
    }

    private static Gen<T> OneOf<T>(T[] items) => Gen.Int[0, items.Length - 1].Select(i => items[i]);
}
