using Kontext.Flux.Bundles;
using Kontext.Flux.Images;
using Kontext.Flux.Sessions;
using Kontext.Flux.Stages;
using Kontext.Servers;

namespace Kontext.Integration.Tests;

/// <summary>
/// Edits of a sample picture with kontext-tiny, and what they give in one process: the cluster must give the same, bit for bit,
/// whatever happens to it.
/// </summary>
internal sealed class TinyEdits : IDisposable
{
    private static readonly string[] Prompts =
    [
        "make the background pink",
        "make the background green",
        "turn the circle blue",
        "remove the circle",
    ];

    private readonly KontextPipeline _pipeline;
    private readonly ModelBundle _bundle;
    private readonly Dictionary<int, RgbImage> _expected = [];

    public TinyEdits(int steps)
    {
        Steps = steps;
        _bundle = ModelBundle.Open(Path.Combine(KontextServer.Repository, "models", "kontext-tiny"));
        _pipeline = KontextPipeline.Open(_bundle, new() { Threads = 1 });
    }

    /// <summary>The file of the picture that is edited.</summary>
    public static byte[] Picture { get; } =
        File.ReadAllBytes(Path.Combine(KontextServer.Repository, "models", "kontext-tiny", "samples", "shapes.png"));

    public int Steps { get; }

    /// <summary>The request of one edit.</summary>
    public object Request(int index) =>
        new
        {
            prompt = Prompts[index % Prompts.Length],
            model = "kontext-tiny",
            context = new[] { new { image = Convert.ToBase64String(Picture) } },
            steps = Steps,
            seed = Seed(index),
            format = "png",
        };

    /// <summary>What it gives.</summary>
    public RgbImage Expected(int index)
    {
        lock (_expected)
        {
            index %= 2 * Prompts.Length;
            if (!_expected.TryGetValue(index, out var image))
            {
                var context = ImageDecoder.Decode(Picture);
                var plan = GenerationPlan.Create(
                    new()
                    {
                        Prompt = Prompts[index % Prompts.Length],
                        Contexts = [new(context.Width, context.Height)],
                        Steps = Steps,
                        Seed = Seed(index),
                    },
                    _bundle.Manifest.Sampling
                );
                image = _pipeline.Run(plan, [context], progress: null, CancellationToken.None).Images[0].Image;
                _expected[index] = image;
            }
            return image;
        }
    }

    public void Dispose() => _pipeline.Dispose();

    /// <summary>As many different ones as prompts and two: an edit that is asked for twice is as good as another.</summary>
    private static long Seed(int index) => 100 + (index % 2);
}
