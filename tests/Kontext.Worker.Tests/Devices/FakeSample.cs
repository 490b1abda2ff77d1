using Kontext.Flux.Stages;
using Kontext.Worker.Models;

namespace Kontext.Worker.Tests.Devices;

/// <summary>A sample that only counts its steps.</summary>
internal sealed class FakeSample(string name, int steps, int size = 16) : ISample
{
    public string Name => name;

    public SampleShape Shape { get; } = new(TextTokens: 8, size, ContextTokens: 0, Rows: 1);

    public PackedLatents Latents { get; } = new([], 0, 0);

    public PackedLatents Predicted => Latents;

    public int StepIndex { get; set; }

    public bool IsDone => StepIndex == steps;

    public bool HasLeft { get; private set; }

    public void Leave() => HasLeft = true;

    public override string ToString() => name;
}
