using Kontext.Flux.Images;

namespace Kontext.Cli.Quality;

/// <summary>What makes the pictures of KontextBench: a bundle in this process or a server.</summary>
internal interface IEditTurns : IDisposable
{
    /// <summary>
    /// Follows a pair's instruction, and follows it again from its results, with the next seed each time: from picture to
    /// picture, and from latents to latents.
    /// </summary>
    /// <param name="pair">The pair.</param>
    /// <param name="sourcePath">Its source.</param>
    /// <param name="seed">Seed of the first turn.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="Contracts.KontextException">The message says what is wrong, but not with which pair.</exception>
    Task<TurnPictures> MakeAsync(
        KontextBenchPair pair,
        string sourcePath,
        long seed,
        CancellationToken cancellationToken
    );
}

/// <summary>A pair's pictures.</summary>
/// <param name="Settings">What they were made with.</param>
/// <param name="Output">The first turn's.</param>
/// <param name="TimingsMs">Of the first turn.</param>
/// <param name="Later">Those of later turns.</param>
internal sealed record TurnPictures(
    KontextBenchSettings Settings,
    RgbImage Output,
    StageMilliseconds TimingsMs,
    IReadOnlyList<(RgbImage Pixels, RgbImage Latents)> Later
);
