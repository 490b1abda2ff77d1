using System.Runtime.InteropServices;

namespace Kontext.Cli.Top;

/// <summary>What whoever watches does: resizes the terminal, or presses a key.</summary>
internal sealed class TopKeys : IDisposable
{
    /// <summary>Soon enough for a finger.</summary>
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);

    private readonly PosixSignalRegistration? _resize;
    private volatile bool _resized;

    public TopKeys()
    {
        if (!OperatingSystem.IsWindows())
        {
            _resize = PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => _resized = true);
        }
    }

    /// <summary>Waits for a time, or until the terminal has another size.</summary>
    /// <returns>False once <c>q</c> was pressed.</returns>
    public async Task<bool> WaitAsync(TimeSpan time, TimeProvider clock, CancellationToken cancellationToken)
    {
        for (var begun = clock.GetTimestamp(); clock.GetElapsedTime(begun) < time && !_resized; )
        {
            await Task.Delay(BetweenLooks, clock, cancellationToken);
            while (!Console.IsInputRedirected && Console.KeyAvailable)
            {
                if (Console.ReadKey(intercept: true).KeyChar is 'q' or 'Q')
                {
                    return false;
                }
            }
        }
        _resized = false;
        return true;
    }

    public void Dispose() => _resize?.Dispose();
}
