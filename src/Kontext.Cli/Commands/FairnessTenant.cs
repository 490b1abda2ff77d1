using Kontext.Flux.Sampling;

namespace Kontext.Cli.Commands;

/// <summary>A tenant that competes.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Weight">Its weight.</param>
/// <param name="Jobs">Jobs it has waiting at the start.</param>
/// <param name="Sizes">Their sizes, in turn.</param>
internal sealed record FairnessTenant(string Id, double Weight, int Jobs, IReadOnlyList<ImageSize> Sizes);
