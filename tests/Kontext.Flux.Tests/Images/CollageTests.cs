using Kontext.Flux.Images;

namespace Kontext.Flux.Tests.Images;

public sealed class CollageTests
{
    private static readonly RgbImage Red = RgbImage.Filled(100, 50, 255, 0, 0);
    private static readonly RgbImage Blue = RgbImage.Filled(300, 400, 0, 0, 255);

    [Fact]
    public void Before_stands_left_of_after_at_its_height()
    {
        var both = Collage.SideBySide(before: Red, after: Blue);
        // 100x50 at a height of 400, a gap of 8, 300.
        (both.Width, both.Height).ShouldBe((800 + 8 + 300, 400));
        both.ShouldShow(799, 399, Picture.Red);
        both.ShouldShow(800, 0, Picture.White);
        both.ShouldShow(807, 399, Picture.White);
        both.ShouldShow(808, 0, Picture.Blue);
        both.ShouldShow(1107, 399, Picture.Blue);
    }

    [Fact]
    public void Small_pictures_are_enlarged_in_whole_pixels()
    {
        var dots = new RgbImage(2, 1, [255, 0, 0, 0, 255, 0]);
        var both = Collage.SideBySide(RgbImage.Filled(64, 64, 0, 0, 255), ImageResizer.Resize(dots, 2, 1));
        (both.Width, both.Height).ShouldBe((256 + 8 + 512, 256));
        both.ShouldShow(264, 0, Picture.Red);
        both.ShouldShow(264 + 255, 255, Picture.Red);
        both.ShouldShow(264 + 256, 255, Picture.Green);
    }

    [Fact]
    public void Heights_that_are_no_multiple_are_resampled_and_never_to_nothing()
    {
        var both = Collage.SideBySide(RgbImage.Filled(1, 1000, 255, 0, 0), RgbImage.Filled(10, 300, 0, 0, 255));
        (both.Width, both.Height).ShouldBe((1 + 8 + 10, 300));
        both.ShouldShow(0, 299, Picture.Red);
    }

    [Fact]
    public void A_grid_fits_pictures_into_tiles_has_room_for_its_longest_row_and_leaves_gaps_white()
    {
        var grid = Collage.Grid(
            [
                [Red],
                [Blue, null, Red],
            ],
            tileWidth: 20,
            tileHeight: 10
        );
        (grid.Width, grid.Height).ShouldBe(((3 * 28) + 8, (2 * 18) + 8));
        grid.ShouldShow(0, 0, Picture.White);
        grid.ShouldShow(8, 8, Picture.Red);
        grid.ShouldShow(27, 17, Picture.Red);
        grid.ShouldShow(28, 17, Picture.White);
        grid.ShouldShow(36, 8, Picture.White);
        // 300x400 fits 20x10 as 8x10, in the middle.
        grid.ShouldShow(8, 26, Picture.White);
        grid.ShouldShow(14, 26, Picture.Blue);
        grid.ShouldShow(21, 35, Picture.Blue);
        grid.ShouldShow(22, 26, Picture.White);
        grid.ShouldShow(36, 26, Picture.White);
        grid.ShouldShow(64, 35, Picture.Red);
    }
}
