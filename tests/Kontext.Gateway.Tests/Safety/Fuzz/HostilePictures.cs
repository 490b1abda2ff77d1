using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Kontext.Gateway.Tests.Http;
using Kontext.Servers;

namespace Kontext.Gateway.Tests.Safety.Fuzz;

/// <summary>Files that say they are pictures and want something else.</summary>
internal static class HostilePictures
{
    private static readonly byte[][] Fixtures =
    [
        .. Directory
            .EnumerateFiles(Path.Combine(KontextServer.Repository, "tests", "Kontext.Flux.Tests", "Fixtures", "images"))
            .Order(StringComparer.Ordinal)
            .Select(File.ReadAllBytes),
    ];

    private static readonly byte[] Signature = GatewayHost.Picture[..8];

    /// <summary>As many pixels as are taken, nearly, in as few bytes as there can be.</summary>
    private static readonly Lazy<byte[]> Large = new(() => Bomb(7000));

    private static readonly Lazy<byte[]> Medium = new(() => Bomb(2000));

    private static readonly Lazy<byte[]> Packed = new(() => [.. "x\0\0"u8, .. Deflate(new byte[20_000_000])]);

    private static readonly Func<Random, byte[]>[] Kinds =
    [
        random => Fixture(random),
        random => Truncated(random),
        random => Changed(random),
        random => Polyglot(random),
        random => OfAnotherKind(random),
        random => OfWrongLengths(random),
        random => OfHugeExtent(random),
        random => Animated(random),
        random => Metadata(random),
        random => random.Next(4) == 0 ? Large.Value : Medium.Value,
        _ => [],
    ];

    /// <summary>One of them.</summary>
    public static byte[] Next(Random random) => Kinds[random.Next(Kinds.Length)](random);

    private static byte[] Fixture(Random random) => Fixtures[random.Next(Fixtures.Length)];

    private static byte[] Truncated(Random random)
    {
        var file = Fixture(random);
        return file[..random.Next(file.Length)];
    }

    private static byte[] Changed(Random random)
    {
        byte[] file = [.. Fixture(random)];
        for (var i = random.Next(1, 20); i > 0; i--)
        {
            // Mostly at the front, where lengths and types are.
            file[random.Next(random.Next(2) == 0 ? file.Length : Math.Min(file.Length, 100))] = (byte)random.Next(256);
        }
        return file;
    }

    private static byte[] Polyglot(Random random)
    {
        byte[][] others =
        [
            [.. "PK\u0003\u0004"u8, .. new byte[40]],
            [.. "<html><script>alert(1)</script></html>"u8],
            [.. "%PDF-1.7\n1 0 obj\n"u8],
            [.. "#!/bin/sh\nrm -rf /\n"u8],
            Fixture(random),
        ];
        var other = others[random.Next(others.Length)];
        var file = Fixture(random);
        return random.Next(3) switch
        {
            0 => [.. file, .. other],
            1 => [.. other, .. file],
            _ => [.. file[..Math.Min(12, file.Length)], .. other, .. file[Math.Min(12, file.Length)..]],
        };
    }

    private static byte[] OfAnotherKind(Random random)
    {
        string[] texts =
        [
            "GIF89a\u0001\0\u0001\0\u0080\0\0",
            "BM",
            "II*\0",
            "MM\0*",
            "<svg xmlns=\"http://www.w3.org/2000/svg\"><image href=\"file:///etc/passwd\"/></svg>",
            "push graphic-context\nviewbox 0 0 1 1\nfill 'url(http://127.0.0.1/)'\n",
            "\0\0\0\u0018ftypavif",
            "\u00ff\u000a",
            "8BPS",
            "RIFF\u00ff\u00ff\u00ff\u00ffWEBPVP8L",
            "RIFF\0\0\0\0WEBPVP8 ",
            "\u00ff\u00d8\u00ff\u00e1\u00ff\u00ffExif\0\0",
        ];
        return [.. Encoding.Latin1.GetBytes(texts[random.Next(texts.Length)]), .. new byte[random.Next(64)]];
    }

    private static byte[] OfWrongLengths(Random random)
    {
        byte[] file = [.. GatewayHost.Picture];
        uint[] lengths = [0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, (uint)file.Length];
        var at = random.Next(2) == 0 ? 8 : 33;
        BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(at), lengths[random.Next(lengths.Length)]);
        return file;
    }

    private static byte[] OfHugeExtent(Random random)
    {
        uint[] extents = [0, 1, 60_000, 65_535, 0x7FFFFFFF, 0xFFFFFFFF];
        var (width, height) = (extents[random.Next(extents.Length)], extents[random.Next(extents.Length)]);
        if (random.Next(2) == 0)
        {
            return Png(width, height, [.. "IDAT"u8], Deflate(new byte[100]));
        }
        // The frame header of a JPEG: marker, length, precision, height, width.
        byte[] jpeg = [.. Fixtures.First(file => file is [0xFF, 0xD8, ..])];
        var frame = jpeg.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]);
        BinaryPrimitives.WriteUInt16BigEndian(jpeg.AsSpan(frame + 5), (ushort)height);
        BinaryPrimitives.WriteUInt16BigEndian(jpeg.AsSpan(frame + 7), (ushort)width);
        return jpeg;
    }

    /// <summary>Says that it has any number of frames, as APNG or as WebP.</summary>
    private static byte[] Animated(Random random)
    {
        var frames = new byte[8];
        BinaryPrimitives.WriteUInt32BigEndian(frames, random.Next(2) == 0 ? uint.MaxValue : 10_000);
        if (random.Next(2) == 0)
        {
            return [.. GatewayHost.Picture[..33], .. Chunk([.. "acTL"u8], frames), .. GatewayHost.Picture[33..]];
        }
        var webp = Fixtures.First(file => file.AsSpan().IndexOf("ANMF"u8) > 0);
        var frame = webp.AsSpan().IndexOf("ANMF"u8);
        byte[] many = [.. webp[..frame], .. Enumerable.Repeat(webp[frame..], 2000).SelectMany(bytes => bytes)];
        BinaryPrimitives.WriteUInt32LittleEndian(many.AsSpan(4), (uint)many.Length - 8);
        return many;
    }

    /// <summary>Small as a file, large once it is unpacked, and beside the pixels.</summary>
    private static byte[] Metadata(Random random)
    {
        byte[][] kinds =
        [
            [.. "iCCP"u8],
            [.. "zTXt"u8],
            [.. "iTXt"u8],
            [.. "eXIf"u8],
            [.. "tEXt"u8],
        ];
        var kind = kinds[random.Next(kinds.Length)];
        var content = random.Next(3) == 0 ? new byte[random.Next(1, 2_000_000)] : Packed.Value;
        return [.. GatewayHost.Picture[..33], .. Chunk(kind, content), .. GatewayHost.Picture[33..]];
    }

    private static byte[] Bomb(int side) =>
        Png((uint)side, (uint)side, [.. "IDAT"u8], Deflate(new byte[(side + 1) * side]));

    private static byte[] Png(uint width, uint height, byte[] kind, byte[] content)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteUInt32BigEndian(header, width);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), height);
        header[8] = 8;
        return [.. Signature, .. Chunk([.. "IHDR"u8], header), .. Chunk(kind, content), .. Chunk([.. "IEND"u8], [])];
    }

    private static byte[] Chunk(byte[] kind, byte[] content)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, content.Length);
        var sum = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(sum, Crc32([.. kind, .. content]));
        return [.. length, .. kind, .. content, .. sum];
    }

    private static byte[] Deflate(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest))
        {
            zlib.Write(content);
        }
        return packed.ToArray();
    }

    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        var remainder = 0xFFFFFFFF;
        foreach (var value in bytes)
        {
            remainder ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                remainder = (remainder & 1) != 0 ? (remainder >> 1) ^ 0xEDB88320 : remainder >> 1;
            }
        }
        return remainder ^ 0xFFFFFFFF;
    }
}
