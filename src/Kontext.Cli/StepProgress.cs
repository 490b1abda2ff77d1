using System.Diagnostics;
using Kontext.Flux.Stages;

namespace Kontext.Cli;

/// <summary>A line on the terminal that shows bar, step and time left while somebody watches.</summary>
internal sealed class StepProgress(Terminal terminal, string unit = "step") : IProgress<GenerationProgress>, IDisposable
{
    private const int BarWidth = 24;
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(50);
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private TimeSpan _shown = -Refresh;
    private TimeSpan _firstStep;
    private bool _dirty;

    public void Report(GenerationProgress value)
    {
        // The first step includes what a device does only once; later ones tell the pace.
        _firstStep = value.Step == 1 ? _clock.Elapsed : _firstStep;
        if (!terminal.ShowsProgress || _clock.Elapsed - _shown < Refresh)
        {
            return;
        }
        _shown = _clock.Elapsed;
        _dirty = true;
        var filled = BarWidth * value.Step / value.Steps;
        var bar = new string('━', filled) + new string('─', BarWidth - filled);
        terminal.Error.Write($"\r{bar} {unit} {value.Step}/{value.Steps}{TimeLeft(value)}\u001b[K");
    }

    /// <summary>Takes the line away.</summary>
    public void Clear()
    {
        if (_dirty)
        {
            terminal.Error.Write("\r\u001b[K");
            _dirty = false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Clear();

    private string TimeLeft(GenerationProgress value)
    {
        if (value.Step < 2)
        {
            return "";
        }
        var perStep = (_clock.Elapsed - _firstStep) / (value.Step - 1);
        var left = perStep * (value.Steps - value.Step);
        return left.TotalSeconds < 60 ? $", {left.TotalSeconds:0.0} s left" : $", {left:h\\:mm\\:ss} left";
    }
}
