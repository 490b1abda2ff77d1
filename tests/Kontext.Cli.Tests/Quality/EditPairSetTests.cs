using Kontext.Cli.Quality;
using Kontext.Contracts;

namespace Kontext.Cli.Tests.Quality;

public sealed class EditPairSetTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kontext-pairs-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Pairs_and_chains_are_told_apart_and_seeds_are_places_in_the_file()
    {
        Write(
            Turn(chain: 4, turn: 2),
            """{"target_file_name": "t.png", "key": "a", "category": "c", "kind": "k", "instruction": "i", "more": 1}""",
            Turn(chain: 4, turn: 1)
        );

        var set = EditPairSet.Open(_folder);

        set.Pairs.ShouldHaveSingleItem().Seed.ShouldBe(1);
        set.Pairs[0].FileName.ShouldBeNull();
        set.Chains.ShouldHaveSingleItem().Select(pair => pair.Seed).ShouldBe([2, 0]);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("null")]
    [InlineData("""{"key": "a"}""")]
    [InlineData("""{"target_file_name": null, "key": "a", "category": "c", "kind": "k", "instruction": "i"}""")]
    [InlineData("""{"target_file_name": "../t.png", "key": "a", "category": "c", "kind": "k", "instruction": "i"}""")]
    [InlineData("""{"target_file_name": "/t.png", "key": "a", "category": "c", "kind": "k", "instruction": "i"}""")]
    public void A_line_that_is_no_pair_is_named(string line)
    {
        Write(Turn(chain: 0, turn: 1), line);

        var error = Should.Throw<KontextException>(() => EditPairSet.Open(_folder));

        error.Code.ShouldBe(ErrorCode.InputInvalid);
        error.Message.ShouldContain("Line 2");
    }

    [Fact]
    public void Chains_must_have_the_same_turns_from_one_on()
    {
        Write(Turn(chain: 0, turn: 1), Turn(chain: 0, turn: 2), Turn(chain: 1, turn: 1));
        Should.Throw<KontextException>(() => EditPairSet.Open(_folder)).Code.ShouldBe(ErrorCode.InputInvalid);

        Write(Turn(chain: 0, turn: 1), Turn(chain: 0, turn: 3));
        Should.Throw<KontextException>(() => EditPairSet.Open(_folder)).Code.ShouldBe(ErrorCode.InputInvalid);
    }

    [Fact]
    public void A_folder_without_metadata_is_refused()
    {
        Should.Throw<KontextException>(() => EditPairSet.Open(_folder)).Code.ShouldBe(ErrorCode.FileNotFound);
        Write();
        Should.Throw<KontextException>(() => EditPairSet.Open(_folder)).Code.ShouldBe(ErrorCode.InputInvalid);
    }

    private static string Turn(int chain, int turn) =>
        $$"""
            {"file_name": "s.png", "target_file_name": "t.png", "key": "k", "category": "c", "kind": "k", "instruction": "i", "chain": {{chain}}, "turn": {{turn}}}
            """;

    private void Write(params string[] lines) => File.WriteAllLines(Path.Combine(_folder, "metadata.jsonl"), lines);
}
