using Kontext.Flux.Images;
using Kontext.Flux.Sampling;
using Kontext.Flux.Stages;
using Kontext.Worker.Models;

namespace Kontext.Worker.Tests.Devices;

/// <summary>A model whose steps do nothing but call back: what is left is the engine.</summary>
internal sealed class FakeModel : IStageModel
{
    /// <summary>Called on the device's thread for every step, with who takes it; may throw.</summary>
    public Action<IReadOnlyList<FakeSample>> Stepping { get; set; } = _ => { };

    public void Step(IReadOnlyList<ISample> samples)
    {
        FakeSample[] taking = [.. samples.Cast<FakeSample>()];
        taking.Select(sample => sample.Shape).Distinct().Count().ShouldBe(1);
        taking.ShouldBeUnique();
        taking.ShouldAllBe(sample => !sample.IsDone && !sample.HasLeft);
        Stepping(taking);
        foreach (var sample in taking)
        {
            sample.StepIndex++;
        }
    }

    public Conditioning EncodePrompt(string prompt) => throw new NotSupportedException();

    public PackedLatents EncodeContext(RgbImage image, ImageSize size) => throw new NotSupportedException();

    public ISample Start(DenoiseInput input, PackedLatents? latents, int step) => throw new NotSupportedException();

    public RgbImage Decode(PackedLatents latents) => throw new NotSupportedException();

    public byte[] ToFile(RgbImage image, ImageFormat format, Provenance provenance) =>
        throw new NotSupportedException();

    public void Dispose() { }
}
