using Kontext.Flux.Images;

namespace Kontext.Flux.Tests.Images;

public sealed class ImageDecoderTests
{
    [Theory]
    [InlineData("rgb.png", 0)]
    // Quality 95 without subsampling, on a smooth picture.
    [InlineData("rgb.jpg", 8)]
    // WebP subsamples colour; it rises by 23 levels from pixel to pixel here.
    [InlineData("rgb.webp", 30)]
    public void Every_format_shows_the_scene(string name, int within)
    {
        var image = Picture.Read(name);
        (image.Width, image.Height).ShouldBe((12, 8));
        for (var y = 0; y < 8; y++)
        {
            for (var x = 0; x < 12; x++)
            {
                image.ShouldShow(x, y, Picture.Scene(x, y), within);
            }
        }
    }

    [Fact]
    public void A_palette_is_looked_up_and_its_transparent_entry_becomes_white()
    {
        var image = Picture.Read("palette-transparent.png");
        (image.Width, image.Height).ShouldBe((4, 2));
        for (var x = 0; x < 4; x++)
        {
            image.ShouldShow(x, 1, x < 2 ? Picture.Red : Picture.White);
        }
    }

    [Theory]
    [InlineData("grey.png")]
    [InlineData("grey.jpg")]
    public void Grey_has_three_equal_channels(string name)
    {
        var image = Picture.Read(name);
        for (var i = 0; i < 16; i++)
        {
            var level = (byte)(i * 17);
            image.ShouldShow(i % 8, i / 8, (level, level, level), within: 2);
            image
                .At(i % 8, i / 8)
                .ShouldSatisfyAllConditions(p => p.Red.ShouldBe(p.Green), p => p.Red.ShouldBe(p.Blue));
        }
    }

    [Fact]
    public void One_bit_is_black_or_white()
    {
        var image = Picture.Read("bilevel.png");
        int[] expected = [0, 255, 0, 255, 255, 0, 255, 0];
        for (var i = 0; i < 8; i++)
        {
            ((int)image.At(i % 4, i / 4).Green).ShouldBe(expected[i]);
        }
    }

    [Fact]
    public void Sixteen_bits_keep_their_upper_eight()
    {
        var image = Picture.Read("grey-16bit.png");
        byte[] expected = [0, 51, 128, 255];
        for (var x = 0; x < 4; x++)
        {
            image.ShouldShow(x, 0, (expected[x], expected[x], expected[x]));
        }
    }

    [Theory]
    [InlineData("rgba.png")]
    [InlineData("rgba.webp")]
    [InlineData("rgba-16bit.png")]
    public void What_is_transparent_is_white(string name)
    {
        var image = Picture.Read(name);
        (image.Width, image.Height).ShouldBe((3, 1));
        image.ShouldShow(0, 0, Picture.Green);
        // Black at half opacity.
        image.ShouldShow(1, 0, (127, 127, 127), within: 1);
        image.ShouldShow(2, 0, Picture.White);
    }

    [Fact]
    public void Grey_may_be_transparent_too()
    {
        var image = Picture.Read("grey-alpha.png");
        image.ShouldShow(0, 0, (0, 0, 0));
        image.ShouldShow(1, 0, (127, 127, 127), within: 1);
        image.ShouldShow(2, 0, Picture.White);
    }

    [Theory]
    // As stored: red top left, blue top right, green below. Corners: top left, top right, bottom left, bottom right.
    [InlineData(1, 32, 16, "rbgg")]
    [InlineData(2, 32, 16, "brgg")]
    [InlineData(3, 32, 16, "ggbr")]
    [InlineData(4, 32, 16, "ggrb")]
    [InlineData(5, 16, 32, "rgbg")]
    [InlineData(6, 16, 32, "grgb")]
    [InlineData(7, 16, 32, "gbgr")]
    [InlineData(8, 16, 32, "bgrg")]
    public void Pictures_are_turned_upright(int orientation, int width, int height, string corners)
    {
        var bytes = Picture.Bytes("orientation-6.jpg");
        // The EXIF entry: tag 0x0112, type 3 (short), one value, 6.
        var entry = bytes.AsSpan().IndexOf((ReadOnlySpan<byte>)[0x01, 0x12, 0x00, 0x03, 0, 0, 0, 1, 0, 6]);
        entry.ShouldBeGreaterThan(0);
        bytes[entry + 9] = (byte)orientation;

        var image = ImageDecoder.Decode(bytes);
        (image.Width, image.Height).ShouldBe((width, height));
        (int X, int Y)[] places = [(3, 3), (width - 4, 3), (3, height - 4), (width - 4, height - 4)];
        for (var i = 0; i < corners.Length; i++)
        {
            var expected =
                corners[i] == 'r' ? Picture.Red
                : corners[i] == 'g' ? Picture.Green
                : Picture.Blue;
            image.ShouldShow(places[i].X, places[i].Y, expected, within: 12);
        }
    }

    [Fact]
    public void A_wider_colour_space_is_brought_to_srgb()
    {
        // Adobe RGB's primaries and gamma as an embedded profile; expected as Little CMS converts it through Pillow.
        var image = Picture.Read("wide-gamut.png");
        image.ShouldShow(0, 0, (66, 151, 97), within: 2);
        image.ShouldShow(1, 0, (227, 100, 100), within: 2);
        image.ShouldShow(2, 0, (129, 129, 129), within: 2);
        image.ShouldShow(3, 0, (90, 90, 164), within: 2);
    }

    [Fact]
    public void A_colour_profile_that_is_damaged_is_passed_over()
    {
        var image = Picture.Read("broken-profile.jpg");
        image.ShouldShow(3, 3, Picture.Scene(3, 3), within: 8);
    }

    [Fact]
    public void A_colour_profile_that_does_not_fit_a_grey_picture_is_passed_over()
    {
        var image = Picture.Read("grey-rgb-profile.jpg");
        image.ShouldShow(3, 3, (128, 128, 128), within: 2);
    }

    [Fact]
    public void Ink_colours_become_screen_colours()
    {
        // Magenta and yellow over each other: a red, whatever the profile that is assumed.
        var (red, green, blue) = Picture.Read("cmyk.jpg").At(4, 4);
        red.ShouldBeGreaterThan((byte)180);
        green.ShouldBeLessThan((byte)90);
        blue.ShouldBeLessThan((byte)90);
    }

    [Fact]
    public void Of_an_animation_the_first_picture_is_taken()
    {
        var image = Picture.Read("animated.webp");
        (image.Width, image.Height).ShouldBe((8, 8));
        image.ShouldShow(4, 4, Picture.Red, within: 2);
    }

    [Fact]
    public void A_file_is_read_for_what_it_is_whatever_its_name()
    {
        using var folder = new TemporaryFolder();
        File.Copy(Picture.PathOf("rgb.png"), folder["picture.jpg"]);
        ImageDecoder.DecodeFile(folder["picture.jpg"]).ShouldShow(5, 5, Picture.Scene(5, 5));
    }
}
