using System.Diagnostics;

namespace Kontext.Cli;

/// <summary>How long a piece of work takes: the median of several runs after one that warms up.</summary>
internal static class MedianTime
{
    private const int Measured = 5;

    /// <summary>How often the work is run in all.</summary>
    public const int Runs = Measured + 1;

    /// <summary>Milliseconds of one run.</summary>
    /// <exception cref="OperationCanceledException">Stopped between two runs.</exception>
    public static double Milliseconds(Action work, CancellationToken cancellationToken)
    {
        work();
        var times = new List<double>();
        for (var i = 0; i < Measured; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var clock = Stopwatch.StartNew();
            work();
            times.Add(clock.Elapsed.TotalMilliseconds);
        }
        return Math.Round(times.Order().ElementAt(Measured / 2), 3);
    }
}
