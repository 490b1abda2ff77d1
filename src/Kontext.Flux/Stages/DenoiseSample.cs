using Kontext.Flux.Bundles;
using Kontext.Flux.Sampling;
using Kontext.Flux.Sessions;

namespace Kontext.Flux.Stages;

/// <summary>What one image is made from.</summary>
public sealed record DenoiseInput
{
    /// <summary>The prompt.</summary>
    public required Conditioning Prompt { get; init; }

    /// <summary>What to keep away from, where true classifier-free guidance is wanted.</summary>
    public Conditioning? Negative { get; init; }

    /// <summary>Strength of true classifier-free guidance; 1 leaves the negative prompt without effect.</summary>
    public float TrueCfgScale { get; init; } = 1f;

    /// <summary>Guidance fed to the model.</summary>
    public required float Guidance { get; init; }

    /// <summary>Reference images, in order.</summary>
    public required IReadOnlyList<PackedLatents> Contexts { get; init; }

    /// <summary>Size of the image to make, multiples of 16.</summary>
    public required ImageSize Size { get; init; }

    /// <summary>Steps to take.</summary>
    public required int Steps { get; init; }

    /// <summary>Seed of the noise.</summary>
    public required long Seed { get; init; }
}

/// <summary>An image on its way from noise: latents, and how many steps they have behind them.</summary>
public sealed class DenoiseSample
{
    private readonly float[] _sigmas;

    /// <summary>A sample at its first step: pure noise.</summary>
    /// <exception cref="ArgumentException">Prompts of different length, or a size that is not whole tokens.</exception>
    public DenoiseSample(DenoiseInput input, ModelBundle bundle)
    {
        if (input.Negative is { } negative && negative.TextTokens != input.Prompt.TextTokens)
        {
            throw new ArgumentException("The negative prompt must have as many tokens as the prompt.", nameof(input));
        }
        if (input.Size.Width % SizeLimits.Multiple != 0 || input.Size.Height % SizeLimits.Multiple != 0)
        {
            throw new ArgumentException($"{input.Size} is not multiples of {SizeLimits.Multiple}.", nameof(input));
        }
        Input = input;
        var settings = bundle.Manifest.Sampling;
        var scale = bundle.Autoencoder.PixelsPerLatent;
        var (height, width) = (input.Size.Height / scale, input.Size.Width / scale);
        var channels = bundle.Autoencoder.LatentChannels;
        var planes = new float[channels * height * width];
        TorchNoise.Fill(planes, input.Seed, settings.Noise);
        var tokens = new float[planes.Length];
        LatentPacking.Pack(planes, tokens, channels, height, width);
        Latents = new(tokens, height / 2, width / 2);
        _sigmas = FlowSchedule.Sigmas(input.Steps, Latents.Count, settings.Shift);
    }

    /// <summary>What the image is made from.</summary>
    public DenoiseInput Input { get; }

    /// <summary>The latents now; changed by every step.</summary>
    public PackedLatents Latents { get; }

    /// <summary>Steps taken.</summary>
    public int StepIndex { get; private set; }

    /// <summary>Whether all steps are taken.</summary>
    public bool IsDone => StepIndex == Input.Steps;

    /// <summary>Noise level now, 1…0.</summary>
    public float Sigma => _sigmas[StepIndex];

    internal bool UsesNegative => Input.Negative is not null && Input.TrueCfgScale > 1f;

    /// <summary>Rows it takes in a batch: a second one for a negative prompt.</summary>
    internal int Rows => UsesNegative ? 2 : 1;

    internal int ContextTokens => Input.Contexts.Sum(context => context.Count);

    /// <summary>Samples of equal shape can share a batch.</summary>
    internal BatchShape RowShape => new(1, Input.Prompt.TextTokens, Latents.Count, ContextTokens);

    internal void Advance(ReadOnlySpan<float> velocity)
    {
        EulerStep.Apply(Latents.Tokens, velocity, Sigma, _sigmas[StepIndex + 1]);
        StepIndex++;
    }
}
