using System.Buffers;
using System.Text;
using Kontext.Flux.Tokenizers.Proto;

namespace Kontext.Flux.Tokenizers;

/// <summary>
/// Brings text into the form whose pieces a SentencePiece model knows: characters replaced by the model's map, runs of
/// spaces made one, spaces written as U+2581 and one put before the first word (sentencepiece, normalizer.cc).
/// </summary>
/// <param name="map">The model's replacements.</param>
/// <param name="userDefined">Pieces that are left as they are.</param>
/// <param name="spec">Which of the steps the model wants.</param>
/// <param name="spaceAfterWords">Whether the space that marks a word stands behind it.</param>
internal sealed class TextNormalizer(CharacterMap map, PieceTrie userDefined, NormalizerSpec spec, bool spaceAfterWords)
{
    private const byte Space = (byte)' ';

    /// <summary>How far the output may overshoot at first: trailing spaces are removed only at the end.</summary>
    private const int Slack = 1024;

    private readonly byte[] _space = spec.EscapeWhitespaces ? "\u2581"u8.ToArray() : [Space];

    /// <summary>Normalises text; null if the outcome has more than <paramref name="most"/> bytes.</summary>
    /// <param name="text">UTF-8; bytes that are not become U+FFFD each.</param>
    /// <param name="most">Where to stop: what is longer does not fit the model, and need not be read on.</param>
    public byte[]? Normalize(ReadOnlySpan<byte> text, int most)
    {
        var output = new ArrayBufferWriter<byte>();
        var anyWords = false;
        // As if a space had gone before, so that leading ones are removed.
        var afterSpace = spec.RemoveExtraWhitespaces;
        while (!text.IsEmpty)
        {
            var consumed = Next(text, out var part);
            text = text[consumed..];
            if (!anyWords)
            {
                if (spec.RemoveExtraWhitespaces && part.SequenceEqual(" "u8))
                {
                    continue;
                }
                // Text that is nothing but spaces gets no mark either, hence only now.
                anyWords = true;
                if (!spaceAfterWords && spec.AddDummyPrefix)
                {
                    output.Write(_space);
                }
            }
            if (afterSpace)
            {
                part = part.TrimStart(Space);
            }
            if (!part.IsEmpty)
            {
                Write(output, part);
                afterSpace = spec.RemoveExtraWhitespaces && part[^1] == Space;
            }
            if (output.WrittenCount > most + Slack)
            {
                return null;
            }
        }
        if (!anyWords)
        {
            return [];
        }

        var written = output.WrittenSpan;
        if (spec.RemoveExtraWhitespaces)
        {
            while (written.EndsWith(_space))
            {
                written = written[..^_space.Length];
            }
        }
        byte[] normalized = spaceAfterWords && spec.AddDummyPrefix ? [.. written, .. _space] : written.ToArray();
        return normalized.Length > most ? null : normalized;
    }

    /// <summary>What the text's first few bytes become, and how many they are.</summary>
    private int Next(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> part)
    {
        var kept = userDefined.LongestMatch(text);
        if (kept > 0)
        {
            part = text[..kept];
            return kept;
        }
        var replaced = map.Match(text, out part);
        if (replaced > 0)
        {
            return replaced;
        }
        if (Rune.DecodeFromUtf8(text, out _, out var length) == OperationStatus.Done)
        {
            part = text[..length];
            return length;
        }
        part = "\uFFFD"u8;
        return 1;
    }

    private void Write(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> part)
    {
        while (part.IndexOf(Space) is var index and >= 0)
        {
            output.Write(part[..index]);
            output.Write(_space);
            part = part[(index + 1)..];
        }
        output.Write(part);
    }
}
