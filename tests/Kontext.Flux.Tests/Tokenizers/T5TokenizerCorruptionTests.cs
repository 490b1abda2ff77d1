using Google.Protobuf;
using Kontext.Contracts;
using Kontext.Flux.Tokenizers;
using Kontext.Flux.Tokenizers.Proto;

namespace Kontext.Flux.Tests.Tokenizers;

public sealed class T5TokenizerCorruptionTests
{
    private static readonly byte[] Tiny = File.ReadAllBytes(FixtureFile.PathOf("spiece_tiny.model"));

    private static readonly (string Reason, Action<ModelProto> Change)[] Faults =
    [
        ("of type Bpe", model => model.TrainerSpec.ModelType = TrainerSpec.Types.ModelType.Bpe),
        ("of type 9", model => model.TrainerSpec.ModelType = (TrainerSpec.Types.ModelType)9),
        ("byte fallback", model => model.TrainerSpec.ByteFallback = true),
        ("byte fallback", model => model.Pieces[9].Type = Piece.Types.Type.Byte),
        ("piece 9", model => model.Pieces[9].Type = (Piece.Types.Type)77),
        ("piece 9", model => model.Pieces[9].Score = float.NaN),
        ("piece 9", model => model.Pieces[9].Text = model.Pieces[8].Text),
        ("piece 9", model => model.Pieces[9].Text = ByteString.Empty),
        ("piece 9", model => model.Pieces[9].Text = ByteString.CopyFrom(0xff)),
        ("piece 9", model => model.Pieces[9].Text = ByteString.CopyFromUtf8(new string('a', 513))),
        ("unknown", model => model.Pieces[9].Type = Piece.Types.Type.Unknown),
        ("unknown", model => model.Pieces.Clear()),
        ("'<end>'", model => model.TrainerSpec.EosPiece = "<end>"),
        ("character map", model => model.NormalizerSpec.PrecompiledCharsmap = ByteString.CopyFrom(1, 2, 3)),
        ("character map", model => model.NormalizerSpec.PrecompiledCharsmap = ByteString.CopyFrom(8, 0, 0, 0, 1)),
        (
            "character map",
            // A value that points past the one replacement.
            model => model.NormalizerSpec.PrecompiledCharsmap = ByteString.CopyFrom(4, 0, 0, 0, 9, 0, 0, 0x80, 0)
        ),
    ];

    [Fact]
    public void A_model_that_cannot_be_run_is_refused_with_the_reason()
    {
        foreach (var (reason, change) in Faults)
        {
            var model = ModelProto.Parser.ParseFrom(Tiny);
            change(model);
            using var file = new TemporaryFile(model.ToByteArray());

            var refusal = Should.Throw<KontextException>(() => T5Tokenizer.Load(file.Path, 16), reason);
            refusal.Code.ShouldBe(ErrorCode.ModelCorrupt);
            refusal.Message.ShouldContain(reason);
            refusal.Message.ShouldContain(file.Path);
        }
    }

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        var refusal = Should.Throw<KontextException>(() => T5Tokenizer.Load("/nowhere/spiece.model", 16));
        refusal.Code.ShouldBe(ErrorCode.ModelIncomplete);
        refusal.Message.ShouldContain("/nowhere/spiece.model");
    }

    [Fact]
    public void A_model_with_flipped_bits_loads_or_is_refused() =>
        Gen.Select(Gen.Int[0, Tiny.Length - 1], Gen.Int[0, 7])
            .Array[1, 20]
            .Sample(
                flips =>
                {
                    var bytes = Tiny.ToArray();
                    foreach (var (at, bit) in flips)
                    {
                        bytes[at] ^= (byte)(1 << bit);
                    }
                    LoadAndRead(bytes);
                },
                seed: "0000000000001",
                iter: Profile.Iterations(100)
            );

    [Fact]
    public void A_model_whose_beginning_or_end_is_damaged_loads_or_is_refused() =>
        // Most bytes belong to the character map; the pieces and settings around it deserve their own search.
        Gen.Select(Gen.Int[0, 8000], Gen.Byte, Gen.Bool)
            .Array[1, 5]
            .Sample(
                changes =>
                {
                    var bytes = Tiny.ToArray();
                    foreach (var (at, value, fromEnd) in changes)
                    {
                        bytes[fromEnd ? bytes.Length - 1 - at : at] = value;
                    }
                    LoadAndRead(bytes);
                },
                seed: "0000000000001",
                iter: Profile.Iterations(200)
            );

    [Fact]
    public void A_truncated_model_loads_or_is_refused() =>
        Gen.Int[0, Tiny.Length - 1]
            .Sample(length => LoadAndRead(Tiny[..length]), seed: "0000000000001", iter: Profile.Iterations(100));

    private static void LoadAndRead(byte[] bytes)
    {
        using var file = new TemporaryFile(bytes);
        try
        {
            var tokenizer = T5Tokenizer.Load(file.Path, 512);
            tokenizer.Encode("naïve ﬁne ½ ｆｕｌｌ \0 日本語 e\u0301 \ufdfa the cat 😀").Ids.Length.ShouldBe(512);
        }
        catch (KontextException refusal)
        {
            refusal.Code.ShouldBeOneOf(ErrorCode.ModelCorrupt, ErrorCode.PromptTooLong);
        }
    }
}
