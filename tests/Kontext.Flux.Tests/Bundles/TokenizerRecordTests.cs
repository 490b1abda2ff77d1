using System.Text.Json.Nodes;
using Kontext.Contracts;
using Kontext.Flux.Bundles;

namespace Kontext.Flux.Tests.Bundles;

public sealed class TokenizerRecordTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ModelBundle _bundle;

    public TokenizerRecordTests()
    {
        var snapshot = Snapshot.Open(DiffusersSnapshot.Write(_folder["snapshot"]));
        var sources = new ImportSources
        {
            Name = "tiny",
            T5 = snapshot.T5,
            T5Tokenizer = snapshot.T5Tokenizer,
            Clip = snapshot.Clip,
            ClipTokenizer = snapshot.ClipTokenizer,
        };
        _bundle = BundleImporter.Import(sources, _folder["models"]);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_ids_of_an_import_are_found_again()
    {
        var told = new List<(string, int)>();
        _bundle.VerifyTokenizers((name, count) => told.Add((name, count)));
        told.ShouldBe([("t5", 4), ("clip", 4)]);
        _bundle.Manifest.Files.Keys.ShouldContain(TokenizerRecord.FileName);
    }

    [Theory]
    [InlineData("t5")]
    [InlineData("clip")]
    public void Other_ids_are_told_with_their_string(string tokenizer)
    {
        Change(record => record[tokenizer]!["a photo of a cat"]![0] = 1);
        var refusal = Should.Throw<KontextException>(() => _bundle.VerifyTokenizers((_, _) => { }));
        refusal.Code.ShouldBe(ErrorCode.ModelCorrupt);
        refusal.Message.ShouldContain(
            $"The {tokenizer} tokenizer of '{_bundle.Folder}' gives 'a photo of a cat' other ids"
        );
    }

    [Fact]
    public void A_record_that_is_none_is_named()
    {
        File.WriteAllText(Path.Combine(_bundle.Folder, TokenizerRecord.FileName), "[]");
        Should
            .Throw<KontextException>(() => _bundle.VerifyTokenizers((_, _) => { }))
            .Message.ShouldContain("tokenizers.json' cannot be read");
    }

    [Fact]
    public void A_tokenizer_that_cannot_be_read_is_named_where_it_was_found()
    {
        var pieces = Path.Combine(_folder["snapshot"], "tokenizer_2/spiece.model");
        File.WriteAllText(pieces, "no tokenizer");
        var snapshot = Snapshot.Open(_folder["snapshot"]);
        var sources = new ImportSources
        {
            Name = "new",
            T5 = snapshot.T5,
            T5Tokenizer = snapshot.T5Tokenizer,
        };
        var refusal = Should.Throw<KontextException>(() => BundleImporter.Import(sources, _folder["models"]));
        refusal.Code.ShouldBe(ErrorCode.WeightsInvalid);
        refusal.Message.ShouldContain($"'{pieces}'");
    }

    private void Change(Action<JsonNode> change)
    {
        var path = Path.Combine(_bundle.Folder, TokenizerRecord.FileName);
        var record = JsonNode.Parse(File.ReadAllText(path))!;
        change(record);
        File.WriteAllText(path, record.ToJsonString());
    }
}
