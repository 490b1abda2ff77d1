using Kontext.Flux.Bundles;
using Kontext.Flux.Images;
using Kontext.Flux.Sessions;
using Kontext.Flux.Stages;

namespace Kontext.Worker.Tests;

/// <summary>The small model of the repository, and what it makes when nothing but the pipeline is there.</summary>
public sealed class TinyModel : IDisposable
{
    /// <summary>Graphs this small only wait for more threads.</summary>
    public static readonly DeviceOptions OneThread = new() { Threads = 1 };

    private readonly Lazy<KontextPipeline> _pipeline;

    public TinyModel()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Kontext.Distributed.sln")))
        {
            root = root.Parent ?? throw new InvalidOperationException("The tests are not in the repository.");
        }
        Folder = Path.Combine(root.FullName, "models", "kontext-tiny");
        Bundle = ModelBundle.Open(Folder);
        _pipeline = new(() => KontextPipeline.Open(Bundle, OneThread));
    }

    public string Folder { get; }

    public ModelBundle Bundle { get; }

    /// <summary>A picture to edit, as a file's bytes.</summary>
    public byte[] Picture => File.ReadAllBytes(Path.Combine(Folder, "samples", "shapes.png"));

    /// <summary>The stages, for a test that goes through them itself.</summary>
    public KontextPipeline Pipeline => _pipeline.Value;

    /// <summary>What one sample should become.</summary>
    public GeneratedImage Make(DenoiseInput input)
    {
        lock (_pipeline)
        {
            var sample = new DenoiseSample(input, Bundle);
            Pipeline.RunSteps([sample], progress: null, CancellationToken.None);
            return new(Pipeline.Decode.Decode(sample.Latents), sample.Latents, input.Seed);
        }
    }

    /// <summary>The input of a sample that edits the picture.</summary>
    public DenoiseInput Edit(string prompt, int steps, long seed)
    {
        lock (_pipeline)
        {
            var image = ImageDecoder.Decode(Picture);
            return new()
            {
                Prompt = Pipeline.Encode.EncodePrompt(prompt),
                Guidance = 2.5f,
                Contexts = [Pipeline.Encode.EncodeContext(image, new(image.Width, image.Height))],
                Size = new(image.Width, image.Height),
                Steps = steps,
                Seed = seed,
            };
        }
    }

    public void Dispose()
    {
        if (_pipeline.IsValueCreated)
        {
            _pipeline.Value.Dispose();
        }
    }
}
