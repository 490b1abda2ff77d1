using System.Diagnostics;

namespace Kontext.Worker.Tasks;

/// <summary>When a sample's latents are due to be saved: after so many steps, or after so much time.</summary>
/// <param name="options">Says which.</param>
/// <param name="step">Steps taken when the sample begins or resumes.</param>
internal sealed class CheckpointPolicy(WorkerOptions options, int step)
{
    private int _step = step;
    private long _at = Stopwatch.GetTimestamp();

    /// <summary>Asks after every step; yes means that a checkpoint is taken now.</summary>
    public bool IsDue(int stepIndex)
    {
        var due = options.CheckpointSteps is { } steps
            ? stepIndex - _step >= steps
            : Stopwatch.GetElapsedTime(_at) >= options.CheckpointInterval;
        if (due)
        {
            Taken(stepIndex);
        }
        return due;
    }

    /// <summary>Asks when the sample pauses: what is not saved yet is saved now, for a pause may be long.</summary>
    public bool IsDueAtPause(int stepIndex)
    {
        var due = stepIndex > _step;
        if (due)
        {
            Taken(stepIndex);
        }
        return due;
    }

    private void Taken(int stepIndex) => (_step, _at) = (stepIndex, Stopwatch.GetTimestamp());
}
