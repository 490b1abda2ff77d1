using System.Diagnostics;
using Kontext.Flux;

namespace Kontext.Cli;

/// <summary>A line on the terminal that shows bar, units done and time left while somebody watches.</summary>
internal sealed class ProgressLine(Terminal terminal, string unit = "step") : IProgress<WorkProgress>, IDisposable
{
    private const int BarWidth = 24;
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(50);
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private TimeSpan _shown = -Refresh;
    private (int Done, TimeSpan At) _first = (int.MaxValue, default);
    private bool _dirty;

    public void Report(WorkProgress value)
    {
        // The first unit includes what a device does only once, and work may begin anew; later units tell the pace.
        if (value.Done <= _first.Done)
        {
            _first = (value.Done, _clock.Elapsed);
        }
        if (!terminal.ShowsProgress || _clock.Elapsed - _shown < Refresh)
        {
            return;
        }
        _shown = _clock.Elapsed;
        _dirty = true;
        var filled = BarWidth * value.Done / value.Total;
        var bar = new string('━', filled) + new string('─', BarWidth - filled);
        terminal.Error.Write($"\r{bar} {unit} {value.Done}/{value.Total}{TimeLeft(value)}\u001b[K");
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

    private string TimeLeft(WorkProgress value)
    {
        var since = value.Done - _first.Done;
        if (since == 0)
        {
            return "";
        }
        var left = (_clock.Elapsed - _first.At) / since * (value.Total - value.Done);
        return left.TotalSeconds < 60 ? $", {left.TotalSeconds:0.0} s left" : $", {left:h\\:mm\\:ss} left";
    }
}
