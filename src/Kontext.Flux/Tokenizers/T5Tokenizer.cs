using System.Text;
using Google.Protobuf;
using Kontext.Contracts;
using Kontext.Flux.Tokenizers.Proto;

namespace Kontext.Flux.Tokenizers;

/// <summary>The tokenizer of T5 text encoders: a SentencePiece Unigram model. Safe for use by many threads.</summary>
internal sealed class T5Tokenizer
{
    /// <summary>Bytes of the longest UTF-8 sequence, hence of the longest unknown character.</summary>
    private const int LongestCharacter = 4;

    /// <summary>Where normalised text ends even for a model that claims to read more.</summary>
    private const int MostBytes = 16 << 20;

    private readonly UnigramModel _model;
    private readonly TextNormalizer _normalizer;
    private readonly int _maxLength;
    private readonly int _endId;
    private readonly int _padId;

    private T5Tokenizer(ModelProto file, int maxLength)
    {
        var trainer = file.TrainerSpec ?? new TrainerSpec();
        var spec = file.NormalizerSpec ?? new NormalizerSpec();
        _model = UnigramModel.From(file);
        _normalizer = new(
            CharacterMap.Parse(spec.PrecompiledCharsmap.Span),
            _model.UserDefined,
            spec,
            trainer.TreatWhitespaceAsSuffix
        );
        _maxLength = maxLength;
        _endId = Control(trainer.EosPiece);
        _padId = Control(trainer.PadPiece);
    }

    /// <summary>The largest id a prompt can have.</summary>
    public int LargestId => _model.Count - 1;

    /// <summary>Reads a SentencePiece model.</summary>
    /// <param name="spieceModelPath">The file that is commonly called spiece.model.</param>
    /// <param name="maxLength">Tokens that the text encoder reads, the end token included.</param>
    /// <exception cref="KontextException">
    /// <see cref="ErrorCode.ModelCorrupt"/> if the file is damaged, is not Unigram or needs byte fallback;
    /// <see cref="ErrorCode.ModelIncomplete"/> if it cannot be read.
    /// </exception>
    public static T5Tokenizer Load(string spieceModelPath, int maxLength)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, 1);
        var bytes = TokenizerFile.Read(spieceModelPath);
        try
        {
            return new(ModelProto.Parser.ParseFrom(bytes), maxLength);
        }
        catch (InvalidProtocolBufferException reason)
        {
            throw TokenizerFile.Corrupt(spieceModelPath, "is not a SentencePiece model", reason);
        }
        catch (InvalidDataException reason)
        {
            throw TokenizerFile.Corrupt(spieceModelPath, reason.Message, reason);
        }
    }

    /// <summary>The prompt's tokens and the end token, padded to the greatest length.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.PromptTooLong"/> if they do not fit.</exception>
    public TokenIds Encode(string text)
    {
        var parts = Split(text, out _);
        var count = parts.Count + 1;
        if (count > _maxLength)
        {
            throw new KontextException(
                ErrorCode.PromptTooLong,
                $"The prompt has {count} tokens with its end, more than the {_maxLength} that the model reads."
            );
        }
        var ids = new long[_maxLength];
        Array.Fill(ids, _padId);
        for (var i = 0; i < parts.Count; i++)
        {
            ids[i] = parts[i].Id;
        }
        ids[parts.Count] = _endId;
        return new(ids, count);
    }

    /// <summary>The text of each token without the end, spaces shown as U+2581.</summary>
    /// <exception cref="KontextException">
    /// <see cref="ErrorCode.PromptTooLong"/> if the text is too long for any way of splitting it to fit.
    /// </exception>
    public IReadOnlyList<string> Pieces(string text)
    {
        var parts = Split(text, out var normalized);
        return [.. parts.Select(part => Encoding.UTF8.GetString(normalized, part.Start, part.End - part.Start))];
    }

    /// <summary>
    /// Text that would not fit even if every token were the longest piece is refused before it is split, so that the
    /// cost of a prompt is bounded by the model and not by who wrote it. (A run of unknown characters is one token
    /// however long, but a run beyond this bound says nothing to the model.)
    /// </summary>
    private List<UnigramModel.Part> Split(string text, out byte[] normalized)
    {
        var most = (int)Math.Min((long)_maxLength * Math.Max(_model.LongestPiece, LongestCharacter), MostBytes);
        // Encoding.UTF8 writes U+FFFD for a lone surrogate.
        normalized =
            _normalizer.Normalize(Encoding.UTF8.GetBytes(text), most)
            ?? throw new KontextException(
                ErrorCode.PromptTooLong,
                $"The prompt has {text.Length} characters, more than fit in the {_maxLength} tokens the model reads."
            );
        return _model.Split(normalized);
    }

    private int Control(string piece) =>
        _model.ControlId(piece) ?? throw new InvalidDataException($"lacks the control piece '{piece}'");
}
