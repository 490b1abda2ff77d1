using Kontext.Cli.Quality;
using Kontext.Contracts;

namespace Kontext.Cli.Tests.Quality;

public sealed class KontextBenchSetTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kontext-bench-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_published_layout_is_read_and_what_else_a_line_says_is_ignored()
    {
        Write(
            "test",
            Line("a", more: """, "width": 3, "notes": {"x": [1]}"""),
            """{"file_name": "p.png", "key": 12, "category": "Text Editing", "instruction": "i"}"""
        );

        var set = KontextBenchSet.Open(_folder);

        set.Pairs.Select(pair => (pair.Key, pair.Index)).ShouldBe([("a", 0), ("12", 1)]);
        set.SourcePath(set.Pairs[0]).ShouldBe(Path.Combine(_folder, "test", "p.png"));
        KontextBenchSet.Open(Path.Combine(_folder, "test")).Pairs.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("not json", "Line 2")]
    [InlineData("null", "it is empty")]
    [InlineData("""{"key": "b"}""", "instruction")]
    [InlineData("""{"file_name": "p.png", "key": null, "category": "Text Editing", "instruction": "i"}""", "key")]
    [InlineData("""{"file_name": "p.png", "key": "b", "category": "Text Editing", "instruction": " "}""", "empty")]
    [InlineData("""{"file_name": "p.png", "key": "b", "category": "Text", "instruction": "i"}""", "'Text'")]
    [InlineData("""{"file_name": "../p.png", "key": "b", "category": "Text Editing", "instruction": "i"}""", "../p")]
    [InlineData("""{"file_name": "/p.png", "key": "b", "category": "Text Editing", "instruction": "i"}""", "'/p")]
    [InlineData("""{"file_name": "", "key": "b", "category": "Text Editing", "instruction": "i"}""", "''")]
    [InlineData("""{"file_name": "p.png", "key": "", "category": "Text Editing", "instruction": "i"}""", "key ''")]
    [InlineData("""{"file_name": "p.png", "key": "a/b", "category": "Text Editing", "instruction": "i"}""", "'a/b'")]
    [InlineData("""{"file_name": "p.png", "key": "..", "category": "Text Editing", "instruction": "i"}""", "'..'")]
    [InlineData("""{"file_name": "p.png", "key": "a\u0000", "category": "Text Editing", "instruction": "i"}""", "key")]
    public void A_line_that_is_no_pair_is_named_with_what_is_wrong(string line, string words)
    {
        Write("", Line("a"), line);
        var error = Should.Throw<KontextException>(() => KontextBenchSet.Open(_folder));
        error.Code.ShouldBe(ErrorCode.InputInvalid);
        error.Message.ShouldContain("Line 2");
        error.Message.ShouldContain(words);
    }

    [Fact]
    public void A_key_that_is_there_twice_or_too_long_for_a_file_is_refused()
    {
        Write("", Line("a"), Line("b"), Line("A"));
        Refused(ErrorCode.InputInvalid, "'a' in the lines 1, 3");
        Write("", Line(new string('x', 201)));
        Refused(ErrorCode.InputInvalid, "cannot be the name of a file");
    }

    [Fact]
    public void A_folder_without_metadata_or_lines_or_a_picture_is_refused()
    {
        Refused(ErrorCode.FileNotFound, "neither test/metadata.jsonl nor metadata.jsonl");
        Write("");
        Refused(ErrorCode.InputInvalid, "names no pairs");
        Write("", Line("a"), Line("b", file: "none.png"));
        Refused(ErrorCode.FileNotFound, "Pair 'b': there is no file");
    }

    private static string Line(string key, string file = "p.png", string more = "") =>
        $$"""{"file_name": "{{file}}", "key": "{{key}}", "category": "Style Reference", "instruction": "i"{{more}}}""";

    private void Refused(ErrorCode code, string words)
    {
        var error = Should.Throw<KontextException>(() => KontextBenchSet.Open(_folder));
        error.Code.ShouldBe(code);
        error.Message.ShouldContain(words);
    }

    private void Write(string under, params string[] lines)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, under)).FullName;
        File.WriteAllLines(Path.Combine(folder, "metadata.jsonl"), lines);
        File.WriteAllText(Path.Combine(folder, "p.png"), "");
    }
}
