using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;

namespace Kontext.Scheduling.Queues;

/// <summary>The lanes that differ in priority only: their tasks compete for the same workers.</summary>
/// <param name="Model">The model, pinned.</param>
/// <param name="Stage">The kind of work.</param>
/// <param name="Size">How much memory it needs.</param>
public sealed record LanePool(ModelRef Model, Stage Stage, SizeClass Size)
{
    /// <summary>
    /// Where a job's tasks of a stage go. Encode needs the memory of its largest picture, the text encoders aside; denoise and
    /// decode that of the output.
    /// </summary>
    public static LanePool Of(JobSpec spec, Stage stage) =>
        new(
            spec.Model,
            stage,
            stage == Stage.Encode
                ? spec
                    .Contexts.OfType<PixelContext>()
                    .Select(picture => SizeClasses.Of(picture.Width, picture.Height))
                    .Append(SizeClass.S)
                    .Max()
                : spec.Size
        );
}
