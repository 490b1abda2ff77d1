using Kontext.Contracts.Jobs;
using Kontext.Flux.Bundles;

namespace Kontext.Gateway.Models;

/// <summary>A model that workers have announced.</summary>
/// <param name="Manifest">What it is.</param>
internal sealed record ServedModel(ModelManifest Manifest)
{
    /// <summary>The model, pinned.</summary>
    public ModelRef Ref { get; } = new(Manifest.Name, Manifest.Digest);

    /// <summary>When a worker announced it last.</summary>
    public DateTimeOffset AnnouncedAt { get; init; }
}
