using System.Numerics.Tensors;
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
    private readonly PackedLatents _latents;

    /// <summary>A sample at its first step: pure noise.</summary>
    /// <exception cref="ArgumentException">Prompts of different length, or a size that is not whole tokens.</exception>
    public DenoiseSample(DenoiseInput input, ModelBundle bundle)
        : this(input, bundle, Noise(input, bundle), stepIndex: 0) { }

    private DenoiseSample(DenoiseInput input, ModelBundle bundle, PackedLatents latents, int stepIndex)
    {
        if (input.Negative is { } negative && negative.TextTokens != input.Prompt.TextTokens)
        {
            throw new ArgumentException("The negative prompt must have as many tokens as the prompt.", nameof(input));
        }
        Input = input;
        Shape = new(
            input.Prompt.TextTokens,
            latents.Count,
            input.Contexts.Sum(context => context.Count),
            input.Negative is not null && input.TrueCfgScale > 1f ? 2 : 1
        );
        _latents = latents;
        Predicted = latents with { Tokens = [.. latents.Tokens] };
        StepIndex = stepIndex;
        _sigmas = FlowSchedule.Sigmas(input.Steps, latents.Count, bundle.Manifest.Sampling.Shift);
    }

    /// <summary>
    /// A sample with steps behind it: it goes on as if it had never been interrupted. On the device that took those
    /// steps, or one of its kind, the result is the same to the bit.
    /// </summary>
    /// <param name="input">What the image is made from, the same as before.</param>
    /// <param name="bundle">The model, the same as before.</param>
    /// <param name="latents">The latents after <paramref name="stepIndex"/> steps; copied.</param>
    /// <param name="stepIndex">Steps taken.</param>
    /// <exception cref="ArgumentException">The latents are not of the image's size, or there are not so many steps.</exception>
    public static DenoiseSample Resume(DenoiseInput input, ModelBundle bundle, PackedLatents latents, int stepIndex)
    {
        var (rows, columns) = Tokens(input);
        if (
            (latents.Rows, latents.Columns) != (rows, columns)
            || latents.Tokens.Length != rows * columns * bundle.Autoencoder.LatentChannels * LatentPacking.Patch
        )
        {
            throw new ArgumentException($"The latents are not those of an image of {input.Size}.", nameof(latents));
        }
        if (stepIndex < 0 || stepIndex > input.Steps)
        {
            throw new ArgumentException($"Step {stepIndex} is not one of {input.Steps}.", nameof(stepIndex));
        }
        return new(input, bundle, latents with { Tokens = [.. latents.Tokens] }, stepIndex);
    }

    /// <summary>What the image is made from.</summary>
    public DenoiseInput Input { get; }

    /// <summary>Samples of equal shape can share a batch.</summary>
    public SampleShape Shape { get; }

    /// <summary>
    /// The latents now; changed by every step. While it takes steps they are read by the thread that takes them.
    /// </summary>
    public PackedLatents Latents
    {
        get
        {
            Home?.Batch.LatentsOf(Home.Value.Row).CopyTo(_latents.Tokens);
            return _latents;
        }
    }

    /// <summary>
    /// The latents that the last step was heading for, if all had been noise in a straight line: x − sigma · v. Before the
    /// first step, and after the last, the latents themselves.
    /// </summary>
    public PackedLatents Predicted { get; }

    /// <summary>Steps taken.</summary>
    public int StepIndex { get; private set; }

    /// <summary>Whether all steps are taken.</summary>
    public bool IsDone => StepIndex == Input.Steps;

    /// <summary>Noise level now, 1…0.</summary>
    public float Sigma => _sigmas[StepIndex];

    /// <summary>Where its latents live; null: here.</summary>
    internal LatentHome? Home { get; private set; }

    /// <summary>Positions in the order of the sequence: text, target, contexts.</summary>
    internal float[] Positions() =>
        [
            .. PositionIds.Text(Input.Prompt.TextTokens),
            .. PositionIds.Target(_latents.Rows, _latents.Columns),
            .. Input.Contexts.SelectMany((image, i) => PositionIds.Context(i + 1, image.Rows, image.Columns)),
        ];

    /// <summary>Its latents go to live there.</summary>
    internal void MoveTo(LatentHome home)
    {
        Latents.Tokens.CopyTo(home.Batch.LatentsOf(home.Row));
        Home = home;
    }

    /// <summary>Its latents come to live here.</summary>
    internal void Leave()
    {
        _ = Latents;
        Home = null;
    }

    /// <summary>Takes a step.</summary>
    /// <param name="latents">Its latents where they live.</param>
    /// <param name="velocity">What the model predicts for them.</param>
    internal void Advance(Span<float> latents, ReadOnlySpan<float> velocity)
    {
        TensorPrimitives.MultiplyAdd(velocity, -Sigma, latents, Predicted.Tokens);
        EulerStep.Apply(latents, velocity, Sigma, _sigmas[StepIndex + 1]);
        StepIndex++;
    }

    private static PackedLatents Noise(DenoiseInput input, ModelBundle bundle)
    {
        var (rows, columns) = Tokens(input);
        var channels = bundle.Autoencoder.LatentChannels;
        var planes = new float[channels * LatentPacking.Patch * rows * columns];
        TorchNoise.Fill(planes, input.Seed, bundle.Manifest.Sampling.Noise);
        var tokens = new float[planes.Length];
        LatentPacking.Pack(planes, tokens, channels, rows * 2, columns * 2);
        return new(tokens, rows, columns);
    }

    /// <summary>Rows and columns of tokens of the image to make.</summary>
    private static (int Rows, int Columns) Tokens(DenoiseInput input) =>
        input.Size.Width % SizeLimits.Multiple == 0 && input.Size.Height % SizeLimits.Multiple == 0
            ? (input.Size.Height / SizeLimits.Multiple, input.Size.Width / SizeLimits.Multiple)
            : throw new ArgumentException($"{input.Size} is not multiples of {SizeLimits.Multiple}.", nameof(input));
}
