using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Unicode;

namespace Kontext.Flux.Tokenizers;

/// <summary>
/// The replacements that a SentencePiece model makes before it splits text (precompiled_charsmap): a double-array trie
/// in the layout of darts-clone over UTF-8 sequences, followed by the NUL-ended replacements it points into.
/// </summary>
internal sealed class CharacterMap
{
    /// <summary>
    /// Bounds how much one character can grow, whatever a file says; Unicode's longest compatibility mapping
    /// (U+FDFA) has 33 bytes.
    /// </summary>
    private const int LongestReplacement = 256;

    private const uint ValueFlag = 1u << 31;
    private readonly uint[] _units;
    private readonly byte[] _replacements;

    private CharacterMap(uint[] units, byte[] replacements)
    {
        _units = units;
        _replacements = replacements;
    }

    /// <summary>A map that replaces nothing.</summary>
    public static CharacterMap Empty { get; } = new([], []);

    /// <summary>Reads [trie bytes: u32][trie units: u32 each][replacements], little-endian.</summary>
    /// <exception cref="InvalidDataException">The bytes are not such a map.</exception>
    public static CharacterMap Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return Empty;
        }
        if (bytes.Length < sizeof(uint))
        {
            throw new InvalidDataException("the character map ends within its first number");
        }
        var trieBytes = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        var rest = bytes[sizeof(uint)..];
        if (trieBytes == 0 || trieBytes % sizeof(uint) != 0 || trieBytes > rest.Length)
        {
            throw new InvalidDataException($"the character map has a trie of {trieBytes} bytes in {rest.Length}");
        }

        var units = new uint[trieBytes / sizeof(uint)];
        rest[..(int)trieBytes].CopyTo(MemoryMarshal.AsBytes(units.AsSpan()));
        if (!BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.ReverseEndianness(units, units);
        }
        var map = new CharacterMap(units, rest[(int)trieBytes..].ToArray());
        map.CheckReplacements();
        return map;
    }

    /// <summary>Finds the longest sequence that the text starts with and that has a replacement.</summary>
    /// <param name="text">UTF-8.</param>
    /// <param name="replacement">Valid UTF-8, perhaps none.</param>
    /// <returns>Bytes of text to replace, 0 if there is no such sequence.</returns>
    public int Match(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> replacement)
    {
        replacement = default;
        if (_units.Length == 0)
        {
            return 0;
        }
        var longest = 0;
        var node = Offset(_units[0]);
        for (var i = 0; i < text.Length; i++)
        {
            node ^= text[i];
            if (node >= (uint)_units.Length)
            {
                break;
            }
            var unit = _units[node];
            if ((unit & (ValueFlag | 0xff)) != text[i])
            {
                break;
            }
            node ^= Offset(unit);
            var hasLeaf = (unit & (1u << 8)) != 0;
            if (hasLeaf && node < (uint)_units.Length && (_units[node] & ValueFlag) != 0)
            {
                longest = i + 1;
                replacement = Replacement(_units[node]);
            }
        }
        return longest;
    }

    /// <summary>
    /// How far a unit's children lie, by exclusive or; bit 9 says that the number is in units of 256.
    /// </summary>
    private static uint Offset(uint unit) => (unit >> 10) << (int)((unit & (1u << 9)) >> 6);

    private ReadOnlySpan<byte> Replacement(uint unit)
    {
        var rest = _replacements.AsSpan((int)(unit & ~ValueFlag));
        return rest[..rest.IndexOf((byte)0)];
    }

    /// <summary>Every value that a search could meet is checked once, so that none need be when text is read.</summary>
    private void CheckReplacements()
    {
        foreach (var unit in _units)
        {
            if ((unit & ValueFlag) == 0)
            {
                continue;
            }
            var start = unit & ~ValueFlag;
            if (start >= _replacements.Length)
            {
                throw new InvalidDataException($"the character map points to byte {start} of {_replacements.Length}");
            }
            var rest = _replacements.AsSpan((int)start);
            var end = rest[..Math.Min(rest.Length, LongestReplacement + 1)].IndexOf((byte)0);
            if (end < 0 || !Utf8.IsValid(rest[..end]))
            {
                throw new InvalidDataException($"the character map's replacement at byte {start} is not short text");
            }
        }
    }
}
