using Kontext.Flux;
using Kontext.Flux.Images;
using Kontext.Flux.Stages;

namespace Kontext.Cli.Commands;

/// <summary>What makes the images that edit and generate ask for: this process or a server.</summary>
internal interface IGenerator
{
    /// <summary>Checks a request as far as it can be told before any work, and keeps it.</summary>
    /// <exception cref="Contracts.KontextException">The message says what is wrong.</exception>
    void Prepare(GenerationRequest request);

    /// <summary>Makes the images of the request.</summary>
    /// <param name="contexts">The context images, in order.</param>
    /// <param name="format">Format of the files.</param>
    /// <param name="progress">Told of steps.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    Task<MadeImages> MakeAsync(
        IReadOnlyList<ContextFile> contexts,
        ImageFormat format,
        IProgress<WorkProgress> progress,
        CancellationToken cancellationToken
    );
}

/// <summary>A context image as the command line names it.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Image">What the file shows.</param>
internal sealed record ContextFile(string Path, RgbImage Image);

/// <summary>All images of a request.</summary>
/// <param name="Id">Id of the request or its job.</param>
/// <param name="Model">Name of the model.</param>
/// <param name="Steps">Steps of each image.</param>
/// <param name="Guidance">Guidance fed to the model.</param>
/// <param name="Images">One per seed, in order.</param>
/// <param name="Timings">Time by stage.</param>
internal sealed record MadeImages(
    string Id,
    string Model,
    int Steps,
    float Guidance,
    IReadOnlyList<MadeImage> Images,
    StageTimings Timings
);

/// <summary>An image and its file.</summary>
internal sealed record MadeImage(RgbImage Image, byte[] File, long Seed);
