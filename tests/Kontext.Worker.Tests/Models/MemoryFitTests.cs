using Kontext.Contracts.Tasks;
using Kontext.Flux.Bundles;
using Kontext.Flux.Onnx;
using Kontext.Flux.Sampling;
using Kontext.Worker.Models;

namespace Kontext.Worker.Tests.Models;

public sealed class MemoryFitTests : IClassFixture<TinyModel>
{
    private static readonly Stage[] All = Enum.GetValues<Stage>();

    private readonly ModelManifest _manifest;
    private readonly IReadOnlyList<PartWeights> _weights;

    public MemoryFitTests(TinyModel model)
    {
        var manifest = model.Bundle.Manifest;
        // As large as FLUX.1 goes, so that the classes differ.
        _manifest = manifest with
        {
            Sampling = manifest.Sampling with { Limits = new(256 * 256, 2048 * 1024) },
        };
        _weights = PartWeights.Of(model.Bundle);
    }

    [Fact]
    public void A_class_fits_when_its_largest_picture_does_beside_all_weights()
    {
        foreach (var (size, side) in new[] { (SizeClass.M, 1039), (SizeClass.L, 1448) })
        {
            var needed = (long)(Needed(All, side) / 0.9);
            Largest(All, needed + 1000).ShouldBe(size);
            Largest(All, needed - 1000).ShouldBe(size - 1);
        }
    }

    [Fact]
    public void Fewer_stages_leave_more_room()
    {
        var memory = (long)(Needed([Stage.Denoise], side: 1448) / 0.9) + 1000;
        Largest([Stage.Denoise], memory).ShouldBe(SizeClass.L);
        Largest(All, memory).ShouldBe(SizeClass.S);
    }

    [Fact]
    public void Every_model_that_is_loaded_takes_its_share()
    {
        var memory = (long)(Needed(All, side: 1448) / 0.9) + 1000;
        Fit(All, models: 1).LargestSize(memory).ShouldBe(SizeClass.L);
        Fit(All, models: 2).LargestSize(memory).ShouldNotBe(SizeClass.L);
    }

    [Fact]
    public void Without_memory_for_any_the_smallest_is_tried() => Largest(All, memory: 1).ShouldBe(SizeClass.S);

    private SizeClass Largest(Stage[] stages, long memory) => Fit(stages, models: 1).LargestSize(memory);

    private MemoryFit Fit(Stage[] stages, int models) =>
        new([.. Enumerable.Repeat((_manifest, _weights), models)], stages, TinyModel.OneThread.EffectivePrecision);

    private long Needed(Stage[] stages, int side)
    {
        var sampling = _manifest.Sampling with { DefaultSize = new ImageSize(side, side) };
        StageMemory[] served =
        [
            .. StageMemory
                .Of(_manifest with { Sampling = sampling }, _weights)
                .Where(stage =>
                    stage.Precision.ShortName() == TinyModel.OneThread.EffectivePrecision.ShortName()
                    && stages.Select(wanted => $"{wanted}".ToLowerInvariant()).Contains(stage.Stage)
                ),
        ];
        served.Length.ShouldBe(stages.Length);
        return served.Sum(stage => stage.Weights) + served.Max(stage => stage.Activations);
    }
}
