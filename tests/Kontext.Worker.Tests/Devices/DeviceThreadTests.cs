using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Worker.Devices;
using Kontext.Worker.Engine;

namespace Kontext.Worker.Tests.Devices;

public sealed class DeviceThreadTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2126, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly DeviceThread _device = new(new BatchSizes(limit: 1), TimeProvider.System);
    private readonly FakeModel _model = new();
    private readonly List<string> _turns = [];

    public DeviceThreadTests() => _model.Stepping = batch => _turns.Add(batch.ShouldHaveSingleItem().Name);

    public void Dispose() => _device.Dispose();

    [Fact]
    public async Task Everything_runs_on_one_thread_that_is_no_pool_thread()
    {
        var seen = await Task.WhenAll(
            Enumerable
                .Range(0, 20)
                .Select(_ =>
                    _device.RunAsync(
                        Of(Priority.Standard),
                        () => (Environment.CurrentManagedThreadId, Thread.CurrentThread.IsThreadPoolThread),
                        Token
                    )
                )
        );
        seen.Distinct().Count().ShouldBe(1);
        seen[0].IsThreadPoolThread.ShouldBeFalse();
    }

    [Fact]
    public async Task The_most_urgent_goes_first_whatever_came_first()
    {
        await Held(() =>
            [
                Once("batch", Of(Priority.Batch)),
                Many("steps", Of(Priority.Standard), 2),
                Once("standard", Of(Priority.Standard)),
                Once("later", new(Priority.Standard, Noon.AddHours(1), ManyTurns: false)),
                Many("sooner", new(Priority.Standard, Noon, ManyTurns: false), 2),
                Once("interactive", Of(Priority.Interactive)),
            ]
        );
        _turns.ShouldBe(["interactive", "sooner", "sooner", "later", "standard", "steps", "steps", "batch"]);
    }

    [Fact]
    public async Task The_same_sample_goes_on_until_it_is_done()
    {
        await Held(() => [Many("a", Of(Priority.Standard), 3), Many("b", Of(Priority.Standard), 3)]);
        _turns.ShouldBe(["a", "a", "a", "b", "b", "b"]);
    }

    [Fact]
    public async Task What_is_more_urgent_overtakes_between_two_steps()
    {
        Task? urgent = null;
        _model.Stepping = batch =>
        {
            _turns.Add($"step {batch[0].StepIndex + 1}");
            if (batch[0].StepIndex == 1)
            {
                urgent = Once("urgent", Of(Priority.Interactive));
            }
        };
        await Many("sample", Of(Priority.Standard), 4);
        await urgent!;
        _turns.ShouldBe(["step 1", "step 2", "urgent", "step 3", "step 4"]);
    }

    [Fact]
    public async Task What_is_cancelled_before_its_turn_never_runs()
    {
        using var cancel = new CancellationTokenSource();
        Task? withdrawn = null;
        await Held(() =>
        {
            withdrawn = _device.RunAsync(Of(Priority.Interactive), () => _turns.Remove("never"), cancel.Token);
            cancel.Cancel();
            return [Once("other", Of(Priority.Batch))];
        });
        (await Should.ThrowAsync<OperationCanceledException>(withdrawn!)).CancellationToken.ShouldBe(cancel.Token);
        _turns.ShouldBe(["other"]);
    }

    [Fact]
    public async Task What_is_cancelled_in_a_step_ends_after_it()
    {
        using var cancel = new CancellationTokenSource();
        var sample = new FakeSample("sample", 8);
        _model.Stepping = batch =>
        {
            if (batch[0].StepIndex == 2)
            {
                cancel.Cancel();
            }
        };
        await Should.ThrowAsync<OperationCanceledException>(
            _device.RunAsync(Work(sample, Of(Priority.Standard), cancel.Token))
        );
        (sample.StepIndex, sample.HasLeft).ShouldBe((3, true));
    }

    [Fact]
    public async Task A_turn_that_was_the_last_counts_though_it_was_cancelled()
    {
        using var cancel = new CancellationTokenSource();
        var done = await _device.RunAsync(
            Of(Priority.Standard),
            () =>
            {
                cancel.Cancel();
                return "done";
            },
            cancel.Token
        );
        done.ShouldBe("done");
    }

    [Fact]
    public async Task A_failure_is_its_owners_alone()
    {
        var failing = _device.RunAsync<int>(
            Of(Priority.Standard),
            () => throw new InvalidOperationException("broken"),
            Token
        );
        (await Should.ThrowAsync<InvalidOperationException>(failing)).Message.ShouldBe("broken");
        (await _device.RunAsync(Of(Priority.Standard), () => 7, Token)).ShouldBe(7);
    }

    [Fact]
    public async Task What_waits_when_it_ends_is_withdrawn()
    {
        using var hold = new ManualResetEventSlim();
        var reached = new TaskCompletionSource();
        var first = _device.RunAsync(
            Of(Priority.Interactive),
            () =>
            {
                reached.SetResult();
                return hold.Wait(TimeSpan.FromMinutes(1));
            },
            Token
        );
        await reached.Task;
        var waiting = Once("never", Of(Priority.Standard));
        var dispose = Task.Run(_device.Dispose, Token);
        await Should.ThrowAsync<OperationCanceledException>(waiting);
        hold.Set();
        (await first).ShouldBeTrue();
        await dispose;
        _device.IsAlive.ShouldBeFalse();
        await Should.ThrowAsync<ObjectDisposedException>(Once("late", Of(Priority.Standard)));
    }

    /// <summary>Whatever happens at once, every sample is done or withdrawn, and takes no step after that.</summary>
    [Fact]
    public Task Nothing_is_left_hanging_when_samples_are_cancelled_at_random() =>
        Gen.Select(Gen.Int[1, 12], Gen.Int[0, 2], Gen.Int[0, 20], Gen.Int[1, 2])
            .List[1, 16]
            .SampleAsync(
                async works =>
                {
                    using var device = new DeviceThread(new BatchSizes(limit: 4), TimeProvider.System);
                    var tasks = works.Select(async work =>
                    {
                        var (steps, priority, cancelAfter, size) = work;
                        using var cancel = new CancellationTokenSource();
                        var (sample, ended) = (new FakeSample("any", steps, size), false);
                        if (cancelAfter == 0)
                        {
                            _ = Task.Run(cancel.Cancel, Token);
                        }
                        try
                        {
                            var key = new BatchKey(Model, sample.Shape);
                            await device.RunAsync(
                                new SampleWork(key, _model, sample, Of((Priority)priority), cancel.Token)
                                {
                                    Size = SizeClass.S,
                                    Stepped = share =>
                                    {
                                        ended.ShouldBeFalse();
                                        if (sample.StepIndex == cancelAfter)
                                        {
                                            _ = Task.Run(cancel.Cancel, Token);
                                        }
                                    },
                                }
                            );
                            sample.IsDone.ShouldBeTrue();
                        }
                        catch (OperationCanceledException)
                        {
                            cancel.IsCancellationRequested.ShouldBeTrue();
                        }
                        ended = true;
                    });
                    _model.Stepping = _ => { };
                    await Task.WhenAll(tasks).WaitAsync(TimeSpan.FromMinutes(1));
                },
                iter: 200
            );

    private static ModelRef Model { get; } = new("tiny", "digest");

    private SampleWork Work(FakeSample sample, Urgency urgency, CancellationToken token) =>
        new(new(Model, sample.Shape), _model, sample, urgency with { ManyTurns = true }, token) { Size = SizeClass.S };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static Urgency Of(Priority priority) => new(priority, Deadline: null, ManyTurns: false);

    private Task Once(string name, Urgency urgency) =>
        _device.RunAsync(
            urgency,
            () =>
            {
                _turns.Add(name);
                return true;
            },
            Token
        );

    private Task Many(string name, Urgency urgency, int steps) =>
        _device.RunAsync(Work(new(name, steps), urgency, Token));

    /// <summary>Keeps the device busy until all work has come.</summary>
    private async Task Held(Func<Task[]> arrive)
    {
        using var hold = new ManualResetEventSlim();
        var first = _device.RunAsync(Of(Priority.Interactive), () => hold.Wait(TimeSpan.FromMinutes(1)), Token);
        var tasks = arrive();
        hold.Set();
        (await first).ShouldBeTrue();
        await Task.WhenAll(tasks);
    }
}
