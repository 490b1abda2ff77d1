using Kontext.Flux.Images;

namespace Kontext.Flux.Tests.Images;

public sealed class RgbImageTests
{
    [Fact]
    public void Pixels_fill_the_picture_exactly_or_are_refused()
    {
        new RgbImage(2, 1, [1, 2, 3, 4, 5, 6]).At(1, 0).ShouldBe(((byte)4, (byte)5, (byte)6));
        Should.Throw<ArgumentException>(() => new RgbImage(2, 1, new byte[5]));
        Should.Throw<ArgumentException>(() => new RgbImage(0, 1, []));
        Should.Throw<ArgumentException>(() => new RgbImage(1, -1, new byte[3]));
        // 65536 · 65536 · 3 wraps to 0.
        Should.Throw<ArgumentException>(() => new RgbImage(1 << 16, 1 << 16, []));
    }

    [Fact]
    public void A_filled_picture_has_one_colour()
    {
        var image = RgbImage.Filled(3, 2, 10, 20, 30);
        for (var i = 0; i < 6; i++)
        {
            image.ShouldShow(i % 3, i / 3, (10, 20, 30));
        }
        Should.Throw<OverflowException>(() => RgbImage.Filled(1 << 16, 1 << 16, 0, 0, 0));
    }
}
