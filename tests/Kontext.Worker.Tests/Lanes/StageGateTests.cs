using Kontext.Contracts.Jobs;
using Kontext.Worker.Lanes;

namespace Kontext.Worker.Tests.Lanes;

public sealed class StageGateTests
{
    private readonly StageGate _gate = new(slots: () => 2);

    [Fact]
    public async Task As_many_enter_as_there_are_slots()
    {
        using var first = await Enter(Priority.Standard);
        var second = await Enter(Priority.Standard);
        var third = Enter(Priority.Standard);
        third.IsCompleted.ShouldBeFalse();
        second.Dispose();
        (await third).Dispose();
    }

    [Fact]
    public async Task Who_leaves_twice_leaves_once()
    {
        var first = await Enter(Priority.Standard);
        using var second = await Enter(Priority.Standard);
        first.Dispose();
        first.Dispose();
        using var third = await Enter(Priority.Standard);
        Enter(Priority.Standard).IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task More_urgent_tasks_enter_a_full_stage()
    {
        using var first = await Enter(Priority.Batch);
        using var second = await Enter(Priority.Batch);
        using var third = await Enter(Priority.Interactive);
        using var fourth = await Enter(Priority.Interactive);
        Enter(Priority.Interactive).IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task Less_urgent_tasks_wait_for_all()
    {
        using var first = await Enter(Priority.Interactive);
        using var second = await Enter(Priority.Standard);
        Enter(Priority.Batch).IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task The_most_urgent_enter_first_then_those_that_came_first()
    {
        var first = await Enter(Priority.Interactive);
        var second = await Enter(Priority.Interactive);
        var (batch, late, soon) = (Enter(Priority.Batch), Enter(Priority.Standard), Enter(Priority.Interactive));
        var later = Enter(Priority.Standard);
        first.Dispose();
        await soon;
        late.IsCompleted.ShouldBeFalse();
        second.Dispose();
        await late;
        (later.IsCompleted, batch.IsCompleted).ShouldBe((false, false));
        (await soon).Dispose();
        await later;
        batch.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task Who_gives_up_holds_no_place_and_stands_in_nobodys_way()
    {
        var first = await Enter(Priority.Standard);
        using var second = await Enter(Priority.Standard);
        using var cancel = new CancellationTokenSource();
        var gone = _gate.EnterAsync(Priority.Standard, cancel.Token);
        var waiting = Enter(Priority.Standard);
        await cancel.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(gone);
        first.Dispose();
        await waiting;
    }

    /// <summary>At no moment are more in than may be, and in the end everybody was.</summary>
    [Fact]
    public Task The_bound_holds_whatever_comes() =>
        Gen.Enum<Priority>()
            .List[1, 40]
            .SampleAsync(
                async priorities =>
                {
                    var gate = new StageGate(() => 3);
                    var inside = new int[3];
                    await Task.WhenAll(
                            priorities.Select(async priority =>
                            {
                                await Task.Yield();
                                using var place = await gate.EnterAsync(priority, CancellationToken.None);
                                Interlocked.Increment(ref inside[(int)priority]);
                                for (var level = 0; level < inside.Length; level++)
                                {
                                    Volatile.Read(ref inside[level]).ShouldBeLessThanOrEqualTo(3);
                                }
                                await Task.Yield();
                                Interlocked.Decrement(ref inside[(int)priority]);
                            })
                        )
                        .WaitAsync(TimeSpan.FromMinutes(1));
                },
                iter: 200
            );

    private Task<IDisposable> Enter(Priority priority) =>
        _gate.EnterAsync(priority, TestContext.Current.CancellationToken);
}
