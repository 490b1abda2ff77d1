using System.Diagnostics;
using System.Threading.Channels;
using Kontext.Contracts;
using Kontext.Flux.Bundles;
using Kontext.Flux.Images;
using Kontext.Flux.Stages;
using Kontext.Storage.Signals;
using Kontext.Worker.Models;

namespace Kontext.Worker.Tasks;

/// <summary>
/// Tells whoever watches how far a sample is and, in a small picture, what it is going to be: after the first step, after the
/// last, and no more often between than an eye can follow. The device's thread only sets latents aside; pictures are made
/// beside it, and only if the step that they are of was heard by anyone.
/// </summary>
internal sealed class ProgressTeller
{
    private static readonly TimeSpan LeastApart = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PreviewsLeastApart = TimeSpan.FromMilliseconds(200);

    private readonly JobSignals _signals;
    private readonly RunningTask _running;
    private readonly int _steps;

    /// <summary>What is not shown by the time there is something newer is not worth showing. Null: latents do not show.</summary>
    private readonly Channel<Seen>? _previews;

    private long _toldAt;
    private long _shownAt;

    /// <summary>Begins to tell of a sample.</summary>
    /// <param name="signals">Where to.</param>
    /// <param name="running">The task.</param>
    /// <param name="steps">Steps to take.</param>
    /// <param name="projection">How latents show; null: not at all.</param>
    public ProgressTeller(JobSignals signals, RunningTask running, int steps, PreviewProjection? projection)
    {
        (_signals, _running, _steps) = (signals, running, steps);
        if (projection is not null)
        {
            _previews = Channel.CreateBounded<Seen>(
                new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest }
            );
            _ = ShowAllAsync(_previews.Reader, projection);
        }
    }

    /// <summary>Called after every step on the device's thread: it must not wait.</summary>
    public void Stepped(ISample sample)
    {
        var step = sample.StepIndex;
        if (!IsDue(_toldAt, LeastApart, step))
        {
            return;
        }
        _toldAt = Stopwatch.GetTimestamp();
        // It is sent, or it is lost and the next one has more to tell.
        var heard = _signals.PublishAsync(new(_running.Task.Job, _running.Task.Task, step, _steps));
        if (_previews is not null && IsDue(_shownAt, PreviewsLeastApart, step))
        {
            _shownAt = _toldAt;
            var predicted = sample.Predicted;
            _previews.Writer.TryWrite(new(predicted with { Tokens = [.. predicted.Tokens] }, step, heard));
        }
    }

    /// <summary>There are no more steps. What is due is still shown; nobody has to wait for it.</summary>
    public void Complete() => _previews?.Writer.TryComplete();

    private bool IsDue(long last, TimeSpan apart, int step) =>
        step == _steps || last == 0 || Stopwatch.GetElapsedTime(last) >= apart;

    private async Task ShowAllAsync(ChannelReader<Seen> previews, PreviewProjection projection)
    {
        try
        {
            await foreach (var (latents, step, heard) in previews.ReadAllAsync(_running.Abort))
            {
                if (await heard)
                {
                    var picture = LatentPreview.Of(latents, projection);
                    var file = ImageEncoder.Encode(picture, ImageFormat.Png, provenance: null);
                    await _signals.PublishAsync(new(_running.Task.Job, _running.Task.Task, step, _steps, file));
                }
            }
        }
        catch (Exception error) when (error is KontextException or OperationCanceledException)
        {
            // Latents that are no numbers fail the task itself.
        }
    }

    /// <summary>Latents to show.</summary>
    /// <param name="Latents">What a step was heading for.</param>
    /// <param name="Step">Which.</param>
    /// <param name="Heard">Whether anyone heard of it.</param>
    private sealed record Seen(PackedLatents Latents, int Step, Task<bool> Heard);
}
