using Kontext.Contracts.Jobs;

namespace Kontext.Contracts.Tasks;

/// <summary>The queue that a task waits in once it is released: model × stage × size class × priority.</summary>
/// <param name="Model">The model, pinned.</param>
/// <param name="Stage">The kind of work.</param>
/// <param name="Size">How much memory it needs.</param>
/// <param name="Priority">How urgent it is.</param>
public sealed record Lane(ModelRef Model, Stage Stage, SizeClass Size, Priority Priority)
{
    /// <summary>Its queue, for example <c>kontext.flux-kontext-dev-1a2b3c4d.denoise.m.standard</c>.</summary>
    public string Queue => $"kontext.{Model.Short}.{Stage}.{Size}.{Priority}".ToLowerInvariant();
}
