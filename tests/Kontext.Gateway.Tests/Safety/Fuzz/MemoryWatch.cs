using System.Diagnostics;

namespace Kontext.Gateway.Tests.Safety.Fuzz;

/// <summary>How much memory this process takes, looked at ten times a second.</summary>
internal sealed class MemoryWatch : IDisposable
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);
    private readonly Timer _timer;

    public MemoryWatch()
    {
        Start = Most = Now();
        _timer = new(_ => Most = Math.Max(Most, Now()), state: null, BetweenLooks, BetweenLooks);
    }

    /// <summary>Working set when it began, in bytes.</summary>
    public long Start { get; }

    /// <summary>The largest since, in bytes.</summary>
    public long Most { get; private set; }

    public void Dispose() => _timer.Dispose();

    private static long Now()
    {
        using var self = Process.GetCurrentProcess();
        return self.WorkingSet64;
    }
}
