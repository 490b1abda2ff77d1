using Kontext.Contracts;

namespace Kontext.Worker.Devices;

/// <summary>
/// Whether the device can be trusted. One failure may be the task's: too large, or unlucky. So many in a row, whatever the
/// tasks, are the device's: then it is sick, and stays so until the process is started again.
/// </summary>
/// <param name="limit">Failures in a row.</param>
internal sealed class DeviceHealth(int limit)
{
    private static readonly ErrorCode[] OfTheDevice =
    [
        ErrorCode.DeviceFailed,
        ErrorCode.OutOfMemory,
        ErrorCode.DeviceUnavailable,
    ];

    private readonly TaskCompletionSource<ErrorCode> _sick = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _failures;

    /// <summary>Done once the device is sick, with the last failure.</summary>
    public Task<ErrorCode> Sick => _sick.Task;

    /// <summary>A task was computed.</summary>
    public void Succeeded() => Interlocked.Exchange(ref _failures, 0);

    /// <summary>A task failed; counts if the device may be why.</summary>
    public void Failed(ErrorCode code)
    {
        if (OfTheDevice.Contains(code) && Interlocked.Increment(ref _failures) >= limit)
        {
            _sick.TrySetResult(code);
        }
    }
}
