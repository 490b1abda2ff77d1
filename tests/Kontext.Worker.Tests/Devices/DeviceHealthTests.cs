using Kontext.Contracts;
using Kontext.Worker.Devices;

namespace Kontext.Worker.Tests.Devices;

public sealed class DeviceHealthTests
{
    private readonly DeviceHealth _health = new(limit: 3);

    [Fact]
    public void One_failure_is_the_tasks()
    {
        _health.Failed(ErrorCode.OutOfMemory);
        _health.Failed(ErrorCode.DeviceFailed);
        _health.Sick.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task So_many_in_a_row_are_the_devices()
    {
        _health.Failed(ErrorCode.OutOfMemory);
        _health.Failed(ErrorCode.DeviceUnavailable);
        _health.Failed(ErrorCode.DeviceFailed);
        (await _health.Sick).ShouldBe(ErrorCode.DeviceFailed);
    }

    [Fact]
    public void A_success_ends_the_row()
    {
        _health.Failed(ErrorCode.DeviceFailed);
        _health.Failed(ErrorCode.DeviceFailed);
        _health.Succeeded();
        _health.Failed(ErrorCode.DeviceFailed);
        _health.Failed(ErrorCode.DeviceFailed);
        _health.Sick.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public void Failures_of_the_request_or_of_servers_say_nothing_of_the_device()
    {
        foreach (var code in ErrorCode.All)
        {
            if (code != ErrorCode.DeviceFailed && code != ErrorCode.OutOfMemory && code != ErrorCode.DeviceUnavailable)
            {
                _health.Failed(code);
            }
        }
        _health.Sick.IsCompleted.ShouldBeFalse();
    }
}
