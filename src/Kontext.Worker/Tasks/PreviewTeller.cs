using System.Diagnostics;
using System.Threading.Channels;
using Kontext.Contracts;
using Kontext.Flux.Bundles;
using Kontext.Flux.Images;
using Kontext.Flux.Stages;
using Kontext.Storage.Signals;

namespace Kontext.Worker.Tasks;

/// <summary>
/// Shows whoever watches what a sample is going to be: after the first step, after the last, and no more often between than
/// an eye enjoys. The device's thread only sets the latents aside; pictures are made beside it, and only if someone watches.
/// </summary>
internal sealed class PreviewTeller
{
    private static readonly TimeSpan LeastApart = TimeSpan.FromMilliseconds(200);

    private readonly JobSignals _signals;
    private readonly RunningTask _running;
    private readonly int _steps;
    private readonly PreviewProjection? _projection;

    /// <summary>What is not shown by the time there is something newer is not worth showing.</summary>
    private readonly Channel<(PackedLatents Latents, int Step)> _due = Channel.CreateBounded<(PackedLatents, int)>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest }
    );

    private long _toldAt;

    /// <summary>Begins to show a sample.</summary>
    /// <param name="signals">Where to.</param>
    /// <param name="running">The task.</param>
    /// <param name="steps">Steps to take.</param>
    /// <param name="projection">How latents show; null: not at all.</param>
    public PreviewTeller(JobSignals signals, RunningTask running, int steps, PreviewProjection? projection)
    {
        (_signals, _running, _steps, _projection) = (signals, running, steps, projection);
        if (projection is not null)
        {
            _ = ShowAllAsync(projection);
        }
    }

    /// <summary>Called after every step on the device's thread: it must not wait.</summary>
    /// <param name="predicted">What the image is going to be; copied.</param>
    /// <param name="step">Steps taken.</param>
    public void Stepped(PackedLatents predicted, int step)
    {
        if (
            _projection is not null
            && (step == _steps || _toldAt == 0 || Stopwatch.GetElapsedTime(_toldAt) >= LeastApart)
        )
        {
            _toldAt = Stopwatch.GetTimestamp();
            _due.Writer.TryWrite((predicted with { Tokens = [.. predicted.Tokens] }, step));
        }
    }

    /// <summary>There are no more steps. What is due is still shown; nobody has to wait for it.</summary>
    public void Complete() => _due.Writer.TryComplete();

    private async Task ShowAllAsync(PreviewProjection projection)
    {
        try
        {
            await foreach (var (latents, step) in _due.Reader.ReadAllAsync(_running.Abort))
            {
                var (job, task) = (_running.Task.Job, _running.Task.Task);
                if (await _signals.HasListenersAsync(job, _running.Abort))
                {
                    var picture = LatentPreview.Of(latents, projection);
                    var file = ImageEncoder.Encode(picture, ImageFormat.Png, provenance: null);
                    await _signals.PublishAsync(new(job, task, step, _steps, file));
                }
            }
        }
        catch (Exception error) when (error is KontextException or OperationCanceledException)
        {
            // Latents that are no numbers fail the task itself; a server that is away shows nothing.
        }
    }
}
