using Kontext.Flux.Sampling;

namespace Kontext.Flux.Tests.Sampling;

public sealed class PositionIdsTests
{
    [Fact]
    public void Ids_agree_with_the_reference()
    {
        var fixture = FixtureFile.Load("e2e.safetensors");
        PositionIds.Target(4, 3).ShouldBe(fixture.Floats("img.ids"));
        PositionIds.Context(1, 3, 4).ShouldBe(fixture.Floats("ctx.ids"));
    }

    [Fact]
    public void Ids_are_image_row_and_column() =>
        PositionIds.Context(2, 2, 2).ShouldBe([2, 0, 0, 2, 0, 1, 2, 1, 0, 2, 1, 1]);

    [Fact]
    public void Text_sits_at_the_origin() => PositionIds.Text(2).ShouldBe([0, 0, 0, 0, 0, 0]);

    [Fact]
    public void Contexts_are_counted_from_one() =>
        Should.Throw<ArgumentOutOfRangeException>(() => PositionIds.Context(0, 1, 1));

    [Fact]
    public void A_span_of_another_length_is_refused() =>
        Should.Throw<ArgumentException>(() => PositionIds.Fill(new float[11], 0, 2, 2));
}
