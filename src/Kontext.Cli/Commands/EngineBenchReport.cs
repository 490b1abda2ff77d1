using System.Globalization;
using System.Text;

namespace Kontext.Cli.Commands;

/// <summary>What <c>kontext bench engine</c> has measured.</summary>
/// <param name="Model">The model.</param>
/// <param name="Shapes">What batches gain, by shape.</param>
/// <param name="Mixed">How long samples of several shapes take that come by chance.</param>
/// <param name="Urgent">What happens to urgent samples while the engine is full of others.</param>
/// <param name="Cancel">How soon a cancelled sample stops.</param>
/// <param name="Overhead">What the engine adds to the model's own steps.</param>
/// <param name="Checkpoints">What checkpoints take of the device's time.</param>
internal sealed record EngineBenchReport(
    string Model,
    IReadOnlyList<EngineBenchShape> Shapes,
    EngineBenchMixed Mixed,
    EngineBenchUrgent Urgent,
    EngineBenchCancel Cancel,
    EngineBenchOverhead Overhead,
    EngineBenchCheckpoints Checkpoints
)
{
    /// <summary>For people.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        var rows = CultureInfo.InvariantCulture;
        text.AppendLine(rows, $"{Model}");
        text.AppendLine();
        text.AppendLine("images of one shape, one at a time against all at once, in turns");
        text.AppendLine("shape (text-target-context)  images  batch  steps/s alone  together   ratio");
        foreach (var shape in Shapes)
        {
            text.AppendLine(
                rows,
                $"{shape.Shape, -27}  {shape.Images, 6}  {shape.LearnedBatch, 5}  {shape.AloneStepsPerSecond, 13:0.0}  {shape.TogetherStepsPerSecond, 8:0.0}  {shape.Ratio, 6:0.00}"
            );
        }
        text.AppendLine();
        text.AppendLine(
            rows,
            $"mixed sizes at {Mixed.Load:P0} load       {Mixed.Samples}: {Mixed.MeanMs:0} ms in the mean, one after the other {Mixed.MeanOneAfterTheOtherMs:0} ms: ratio {Mixed.Ratio:0.00}"
        );
        text.AppendLine(
            rows,
            $"urgent samples among others    {Urgent.Tries}: at most {Urgent.MostStepsWithout} engine steps began without one between its arrival and its end"
        );
        text.AppendLine(
            rows,
            $"                               {Urgent.Steps} steps in p50 {Urgent.P50Ms:0.0} ms, p99 {Urgent.P99Ms:0.0} ms; alone on the device {Urgent.AloneMs:0.0} ms"
        );
        text.AppendLine(
            rows,
            $"cancelled samples              {Cancel.Tries}: at most {Cancel.MostStepsAfter} steps began with one after it was cancelled; {Cancel.OthersFinished} of {Cancel.Others} others finished"
        );
        text.AppendLine(
            rows,
            $"engine's own time, batch {Overhead.Batch}     {Overhead.StepMs:0.000} ms a step, of which {Overhead.EngineMs:0.000} ms are not the model: {Overhead.Share:P2} of the model's"
        );
        text.Append(
            rows,
            $"a checkpoint on the device     {Checkpoints.CopyMs:0.0000} ms: {Checkpoints.ShareEveryStep:P3} of device time after every step, {Checkpoints.ShareAtInterval:P5} every {Checkpoints.IntervalSeconds} s"
        );
        return text.ToString();
    }
}

/// <summary>One shape: as many images one at a time and all at once.</summary>
internal sealed record EngineBenchShape(
    string Shape,
    int Images,
    int LearnedBatch,
    double AloneStepsPerSecond,
    double TogetherStepsPerSecond,
    double Ratio
);

/// <summary>The same samples, as the engine takes them and each through all its steps before the next.</summary>
internal sealed record EngineBenchMixed(
    int Samples,
    double Load,
    double MeanOneAfterTheOtherMs,
    double MeanMs,
    double Ratio
);

/// <summary>Urgent samples that arrive one after the other in an engine full of batch-class ones.</summary>
internal sealed record EngineBenchUrgent(
    int Tries,
    int Steps,
    int MostStepsWithout,
    double P50Ms,
    double P99Ms,
    double AloneMs
);

/// <summary>Samples that are cancelled in the middle of a batch.</summary>
internal sealed record EngineBenchCancel(int Tries, int MostStepsAfter, int Others, int OthersFinished);

/// <summary>Everything between two calls of the runtime while samples are there, for each step.</summary>
internal sealed record EngineBenchOverhead(int Batch, double StepMs, double EngineMs, double Share);

/// <summary>What is copied on the device's thread for a checkpoint; it is written beside.</summary>
internal sealed record EngineBenchCheckpoints(
    double CopyMs,
    double ShareEveryStep,
    double IntervalSeconds,
    double ShareAtInterval
);
