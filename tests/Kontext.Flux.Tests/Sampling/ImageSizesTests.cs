using Kontext.Contracts;
using Kontext.Flux.Sampling;

namespace Kontext.Flux.Tests.Sampling;

public sealed class ImageSizesTests
{
    private static readonly SizeLimits Limits = new(256 * 256, 2048 * 1024);

    [Theory]
    [InlineData(1920, 1080, 1392, 752)]
    [InlineData(4000, 3000, 1184, 880)]
    [InlineData(1000, 1500, 832, 1248)]
    [InlineData(7, 7, 1024, 1024)]
    [InlineData(1, 9999, 672, 1568)]
    [InlineData(9999, 1, 1568, 672)]
    public void A_context_gets_the_preferred_size_nearest_in_shape(int width, int height, int toWidth, int toHeight) =>
        ImageSizes
            .Preferred(new(width, height), ImageSizes.KontextPreferred)
            .ShouldBe(new ImageSize(toWidth, toHeight));

    [Fact]
    public void The_narrower_of_two_equally_near_shapes_is_preferred() =>
        ImageSizes.Preferred(new(64, 64), [new(96, 64), new(48, 96), new(32, 64)]).ShouldBe(new ImageSize(32, 64));

    [Fact]
    public void Every_preferred_size_prefers_itself_and_is_whole_in_tokens() =>
        ImageSizes.KontextPreferred.ShouldAllBe(size =>
            ImageSizes.Preferred(size, ImageSizes.KontextPreferred) == size && new SizeLimits(1, 1 << 21).Allows(size)
        );

    [Theory]
    [InlineData("1:1", 1024, 1024)]
    [InlineData("16:9", 1360, 768)]
    [InlineData("9:16", 768, 1360)]
    [InlineData("3:2", 1248, 832)]
    [InlineData("999999:1", 1_023_984, 16)]
    public void A_shape_and_an_area_give_a_size(string ratio, int width, int height) =>
        ImageSizes.FromAspectRatio(AspectRatio.Parse(ratio), 1024 * 1024).ShouldBe(new ImageSize(width, height));

    [Theory]
    [InlineData("1024x1024", "1024x1024")]
    [InlineData("1000x1000", "1008x1008")]
    [InlineData("1024x1000", "1024x1008")]
    [InlineData("4096x2048", "2048x1024")]
    [InlineData("64x64", "256x256")]
    [InlineData("1x999999", "16x131072")]
    public void The_nearest_size_keeps_the_shape(string wanted, string nearest) =>
        ImageSizes.Nearest(ImageSize.Parse(wanted), Limits).ToString().ShouldBe(nearest);

    [Fact]
    public void A_size_that_is_refused_comes_with_the_nearest_that_is_not() =>
        Gen.Select(Gen.Int[-5, 5000], Gen.Int[-5, 5000], Gen.Long[1, 1 << 20], Gen.Long[1 << 20, 1 << 22])
            .Sample(
                (width, height, fewest, most) =>
                {
                    var (size, limits) = (new ImageSize(width, height), new SizeLimits(fewest, most));
                    var nearest = ImageSizes.Nearest(size, limits)!.Value;
                    limits.Allows(nearest).ShouldBeTrue();
                    if (limits.Allows(size))
                    {
                        nearest.ShouldBe(size);
                        ImageSizes.Validate(size, limits).ShouldBe(size);
                        return;
                    }
                    var refusal = Should.Throw<KontextException>(() => ImageSizes.Validate(size, limits));
                    refusal.Code.ShouldBe(ErrorCode.SizeInvalid);
                    refusal.Message.ShouldContain($" {size} ");
                    refusal.Message.ShouldContain($"the nearest is {nearest}.");
                },
                seed: "0000000000001",
                iter: Profile.Iterations(100)
            );

    [Theory]
    [InlineData(300, 300)]
    [InlineData(long.MaxValue, long.MaxValue)]
    [InlineData(1, -1)]
    public void Limits_that_allow_nothing_offer_nothing(long fewest, long most)
    {
        var limits = new SizeLimits(fewest, most);
        ImageSizes.Nearest(new(64, 64), limits).ShouldBeNull();
        Should
            .Throw<KontextException>(() => ImageSizes.Validate(new(64, 64), limits))
            .Code.ShouldBe(ErrorCode.SizeInvalid);
    }

    [Fact]
    public void No_list_gives_no_size() => Should.Throw<ArgumentException>(() => ImageSizes.Preferred(new(1, 1), []));
}
