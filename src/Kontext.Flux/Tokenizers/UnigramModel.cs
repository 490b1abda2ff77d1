using System.Runtime.InteropServices;
using System.Text.Unicode;
using Google.Protobuf;
using Kontext.Flux.Tokenizers.Proto;

namespace Kontext.Flux.Tokenizers;

/// <summary>
/// The pieces of a SentencePiece Unigram model and the most probable way to make a text from them (Kudo 2018;
/// sentencepiece, unigram_model.cc, whose rounding is followed so that ties fall the same way).
/// </summary>
internal sealed class UnigramModel
{
    /// <summary>A piece of the best path: its id, and where it lies in the normalised text.</summary>
    [StructLayout(LayoutKind.Auto)]
    public readonly record struct Part(int Id, int Start, int End);

    /// <summary>
    /// Training stops at 16 characters; a far longer piece is not one, and would lengthen every search.
    /// </summary>
    private const int LongestAllowed = 512;

    /// <summary>How much less likely an unknown character is than the rarest piece.</summary>
    private const float UnknownPenalty = 10f;

    private readonly IReadOnlyList<Piece> _pieces;
    private readonly PieceTrie _trie;
    private readonly float _unknownScore;
    private readonly float _maxScore;

    private UnigramModel(IReadOnlyList<Piece> pieces)
    {
        _pieces = pieces;
        UnknownId = pieces.Select((piece, id) => (piece, id)).Single(p => p.piece.Type == Piece.Types.Type.Unknown).id;
        LongestPiece = pieces.Max(piece => piece.Text.Length);
        _trie = Trie(piece => piece.Type is Piece.Types.Type.Normal or Piece.Types.Type.UserDefined);
        UserDefined = Trie(piece => piece.Type == Piece.Types.Type.UserDefined);
        var scores = pieces.Where(p => p.Type == Piece.Types.Type.Normal).Select(p => p.Score).ToArray();
        _unknownScore = scores.Min() - UnknownPenalty;
        // The original starts its search for the greatest score from the least positive number (FLT_MIN).
        _maxScore = Math.Max(scores.Max(), 1.17549435e-38f);
    }

    /// <summary>The id of what is in no piece.</summary>
    public int UnknownId { get; }

    /// <summary>Bytes of the longest piece.</summary>
    public int LongestPiece { get; }

    /// <summary>Pieces that stand for themselves, whatever normalisation would make of them.</summary>
    public PieceTrie UserDefined { get; }

    /// <summary>Takes over the pieces of a model file.</summary>
    /// <exception cref="InvalidDataException">
    /// They are not those of a Unigram model that this class can run.
    /// </exception>
    public static UnigramModel From(ModelProto model)
    {
        var trainer = model.TrainerSpec ?? new TrainerSpec();
        if (trainer.ModelType != TrainerSpec.Types.ModelType.Unigram)
        {
            throw new InvalidDataException($"holds a model of type {trainer.ModelType}, not Unigram");
        }
        if (trainer.ByteFallback || model.Pieces.Any(piece => piece.Type == Piece.Types.Type.Byte))
        {
            throw new InvalidDataException("needs byte fallback, which is not supported");
        }

        var seen = new HashSet<ByteString>();
        for (var id = 0; id < model.Pieces.Count; id++)
        {
            var piece = model.Pieces[id];
            var bytes = piece.Text.Span;
            if (bytes.Length is 0 or > LongestAllowed || bytes.Contains((byte)0) || !Utf8.IsValid(bytes))
            {
                throw new InvalidDataException($"has a piece {id} that is not 1 to {LongestAllowed} bytes of text");
            }
            if (!seen.Add(piece.Text) || !float.IsFinite(piece.Score) || !Enum.IsDefined(piece.Type))
            {
                throw new InvalidDataException($"has a piece {id} that is a duplicate or has no valid score and type");
            }
        }
        if (
            model.Pieces.Count(piece => piece.Type == Piece.Types.Type.Unknown) != 1
            || model.Pieces.All(piece => piece.Type != Piece.Types.Type.Normal)
        )
        {
            throw new InvalidDataException("does not hold one unknown piece and some normal ones");
        }
        return new UnigramModel(model.Pieces);
    }

    /// <summary>How many pieces there are; their ids are 0 and on.</summary>
    public int Count => _pieces.Count;

    /// <summary>The id of a control piece such as <c>&lt;/s&gt;</c>, or null.</summary>
    public int? ControlId(string text)
    {
        var bytes = ByteString.CopyFromUtf8(text);
        for (var id = 0; id < _pieces.Count; id++)
        {
            if (_pieces[id].Type == Piece.Types.Type.Control && _pieces[id].Text.Equals(bytes))
            {
                return id;
            }
        }
        return null;
    }

    /// <summary>Splits normalised text into pieces of the greatest total score, unknown neighbours joined.</summary>
    /// <param name="text">Valid UTF-8. Time and memory grow in proportion to its length.</param>
    public List<Part> Split(ReadOnlySpan<byte> text)
    {
        var best = BestPaths(text);
        var parts = new List<Part>();
        for (var end = text.Length; end > 0; end = best[end].Start)
        {
            var part = new Part(best[end].Id, best[end].Start, end);
            if (parts.Count > 0 && part.Id == UnknownId && parts[^1].Id == UnknownId)
            {
                parts[^1] = part with { End = parts[^1].End };
                continue;
            }
            parts.Add(part);
        }
        parts.Reverse();
        return parts;
    }

    private (int Id, int Start, float Score)[] BestPaths(ReadOnlySpan<byte> text)
    {
        var best = new (int Id, int Start, float Score)[text.Length + 1];
        best.AsSpan(1).Fill((-1, -1, 0f));
        for (var start = 0; start < text.Length; )
        {
            var next = start + CharacterLength(text[start]);
            var (before, single) = (best[start].Score, false);
            var node = PieceTrie.Root;
            for (var end = start; end < text.Length; )
            {
                node = _trie.Step(node, text[end++]);
                if (node < 0)
                {
                    break;
                }
                if (_trie.IdAt(node) is var id and >= 0)
                {
                    Offer(ref best[end], id, start, Score(id, end - start) + before);
                    single |= end == next;
                }
            }
            if (!single)
            {
                Offer(ref best[next], UnknownId, start, _unknownScore + before);
            }
            start = next;
        }
        return best;
    }

    /// <summary>
    /// Keeps the first of equally good paths. As in the original, a sum is compared before it is rounded.
    /// </summary>
    private static void Offer(ref (int Id, int Start, float Score) best, int id, int start, double score)
    {
        if (best.Start < 0 || score > best.Score)
        {
            best = (id, start, (float)score);
        }
    }

    /// <summary>User-defined pieces score so high that they are always chosen.</summary>
    private double Score(int id, int length) =>
        _pieces[id].Type == Piece.Types.Type.UserDefined ? length * _maxScore - 0.1 : _pieces[id].Score;

    /// <summary>Bytes of a UTF-8 sequence by its first byte.</summary>
    private static int CharacterLength(byte first) =>
        first switch
        {
            < 0xc0 => 1,
            < 0xe0 => 2,
            < 0xf0 => 3,
            _ => 4,
        };

    private PieceTrie Trie(Func<Piece, bool> chosen) =>
        PieceTrie.Build(
            _pieces
                .Select((piece, id) => (piece, id))
                .Where(p => chosen(p.piece))
                .Select(p => (p.piece.Text.ToByteArray(), p.id))
        );
}
