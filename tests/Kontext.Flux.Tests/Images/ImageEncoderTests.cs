using System.Buffers.Binary;
using System.Text;
using System.Xml.Linq;
using Kontext.Flux.Images;

namespace Kontext.Flux.Tests.Images;

public sealed class ImageEncoderTests
{
    private static readonly RgbImage Scene = Picture.Read("rgb.png");
    private static readonly Provenance Made = new(Edited: true, "tiny<&>\"'é", Seed: 4294967295, "Kontext <&> \"1\"");

    [Theory]
    [InlineData(ImageFormat.Png, 0)]
    [InlineData(ImageFormat.Jpeg, 10)]
    [InlineData(ImageFormat.WebP, 40)]
    public void Every_format_is_what_it_says_and_shows_the_picture(ImageFormat format, int within)
    {
        foreach (var provenance in new[] { null, Made })
        {
            var bytes = ImageEncoder.Encode(Scene, format, provenance);
            ImageFormats.Sniff(bytes).ShouldBe(format);
            var again = ImageDecoder.Decode(bytes);
            (again.Width, again.Height).ShouldBe((12, 8));
            for (var i = 0; i < 96; i++)
            {
                again.ShouldShow(i % 12, i / 12, Scene.At(i % 12, i / 12), within);
            }
        }
    }

    [Theory]
    [InlineData(ImageFormat.Png)]
    [InlineData(ImageFormat.Jpeg)]
    [InlineData(ImageFormat.WebP)]
    public void Every_format_tells_how_the_picture_was_made(ImageFormat format)
    {
        var bytes = ImageEncoder.Encode(Scene, format, Made);
        // The packet is not compressed, as the XMP standard asks, so that any program can find it.
        var text = Encoding.UTF8.GetString(bytes);
        var start = text.IndexOf("<x:xmpmeta", StringComparison.Ordinal);
        const string end = "</x:xmpmeta>";
        start.ShouldBeGreaterThan(0);
        var packet = XDocument.Parse(text[start..(text.IndexOf(end, StringComparison.Ordinal) + end.Length)]);

        XNamespace rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";
        XNamespace iptc = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/";
        XNamespace xmp = "http://ns.adobe.com/xap/1.0/";
        XNamespace kontext = "urn:kontext-distributed:xmp:1";
        var description = packet.Descendants(rdf + "Description").ShouldHaveSingleItem();
        description
            .Attribute(iptc + "DigitalSourceType")!
            .Value.ShouldBe("http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia");
        description.Attribute(xmp + "CreatorTool")!.Value.ShouldBe(Made.Software);
        description.Attribute(kontext + "Model")!.Value.ShouldBe(Made.Model);
        description.Attribute(kontext + "Seed")!.Value.ShouldBe("4294967295");

        // A reader that knows the format, and checks its checksums, finds the same packet.
        using var read = NetVips.Image.NewFromBuffer(bytes);
        Encoding.UTF8.GetString((byte[])read.Get("xmp-data")).ShouldContain(text[start..(start + 500)]);
    }

    [Theory]
    [InlineData(ImageFormat.Png)]
    [InlineData(ImageFormat.Jpeg)]
    [InlineData(ImageFormat.WebP)]
    public void Without_provenance_nothing_is_told(ImageFormat format) =>
        Encoding.UTF8.GetString(ImageEncoder.Encode(Scene, format, null)).ShouldNotContain("xmpmeta");

    [Fact]
    public void Png_holds_the_packet_in_the_chunk_the_standard_names()
    {
        // ISO 16684-3: international text, keyword XML:com.adobe.xmp, not compressed, no language.
        var png = ImageEncoder.Encode(Scene, ImageFormat.Png, Made);
        byte[] start = [.. "iTXtXML:com.adobe.xmp\0"u8, 0, 0, 0, 0, .. "<?xpacket begin=\"\uFEFF\""u8];
        png.AsSpan().IndexOf(start).ShouldBe(8 + 25 + 4);
        png.AsSpan().IndexOf("zTXt"u8).ShouldBe(-1);
    }

    [Fact]
    public void Every_chunk_of_a_png_carries_its_checksum()
    {
        // Most chunks are libpng's own, so this checks the test's arithmetic as well.
        var png = ImageEncoder.Encode(Scene, ImageFormat.Png, Made);
        var types = new List<string>();
        for (var at = 8; at < png.Length; )
        {
            var length = (int)BinaryPrimitives.ReadUInt32BigEndian(png.AsSpan(at));
            var chunk = png.AsSpan(at + 4, 4 + length);
            var type = Encoding.ASCII.GetString(chunk[..4]);
            BinaryPrimitives.ReadUInt32BigEndian(png.AsSpan(at + 8 + length)).ShouldBe(Crc32(chunk), type);
            types.Add(type);
            at += 12 + length;
        }
        types[..2].ShouldBe(["IHDR", "iTXt"]);
        types[^2..].ShouldBe(["IDAT", "IEND"]);
    }

    [Fact]
    public void A_picture_made_from_text_alone_is_of_another_source_type() =>
        (Made with { Edited = false }).DigitalSourceType.ShouldBe(
            "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
        );

    /// <summary>The remainder of a polynomial division, bit by bit as ISO 15948 describes it.</summary>
    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        var remainder = 0xFFFFFFFF;
        foreach (var value in bytes)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var isOdd = ((remainder ^ (uint)(value >> bit)) & 1) != 0;
                remainder = isOdd ? (remainder >> 1) ^ 0xEDB88320 : remainder >> 1;
            }
        }
        return remainder ^ 0xFFFFFFFF;
    }
}
