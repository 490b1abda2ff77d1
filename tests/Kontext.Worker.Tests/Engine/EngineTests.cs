using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Worker.Devices;
using Kontext.Worker.Engine;
using Kontext.Worker.Tests.Devices;

namespace Kontext.Worker.Tests.Engine;

/// <summary>Samples that join, share steps, leave and fail, on a model that only counts.</summary>
public sealed class EngineTests : IDisposable
{
    private static readonly ModelRef Model = new("tiny", "digest");

    private readonly StepClock _clock = new();
    private readonly DeviceThread _device;
    private readonly FakeModel _model = new();
    private readonly List<string> _steps = [];

    public EngineTests()
    {
        _device = new(new BatchSizes(limit: 8), _clock);
        _model.Stepping = Note;
    }

    public void Dispose() => _device.Dispose();

    [Fact]
    public async Task Samples_share_steps_whatever_steps_they_are_at_and_leave_one_by_one()
    {
        await LearnedAsync();
        await Held(() => [Run(new("a", 2)), Run(new("b", 4)), Run(new("c", 3))]);
        _steps.ShouldBe(["a b c", "a b c", "b c", "b"]);
    }

    [Fact]
    public async Task Other_shapes_wait_for_their_turn()
    {
        await LearnedAsync();
        await Held(() => [Run(new("a", 2)), Run(new("other", 2, size: 32)), Run(new("b", 2))]);
        _steps.ShouldBe(["a b", "a b", "other", "other"]);
    }

    [Fact]
    public async Task An_urgent_sample_is_in_every_step_from_the_next_on_and_who_pauses_goes_on_where_it_was()
    {
        var paused = new List<string>();
        Task? urgent = null;
        _model.Stepping = batch =>
        {
            Note(batch);
            if (_steps.Count == 3)
            {
                urgent = Run(new("urgent", 2, size: 32), Priority.Interactive);
            }
        };
        var slow = new FakeSample("slow", 6);
        await Run(slow, Priority.Batch, paused: () => paused.Add($"after {slow.StepIndex}"));
        await urgent!;
        _steps.ShouldBe(["slow", "slow", "slow", "urgent", "urgent", "slow", "slow", "slow"]);
        paused.ShouldBe(["after 3"]);
    }

    [Fact]
    public async Task Of_a_batch_who_is_cancelled_takes_no_other_step_and_the_others_do_not_notice()
    {
        await LearnedAsync();
        using var cancel = new CancellationTokenSource();
        var cancelled = new FakeSample("b", 6);
        _model.Stepping = batch =>
        {
            Note(batch);
            if (_steps.Count == 2)
            {
                cancel.Cancel();
            }
        };
        Task? withdrawn = null;
        await Held(() =>
        {
            Task a = Run(new("a", 4));
            withdrawn = Run(cancelled, token: cancel.Token);
            return [a, Run(new("c", 4))];
        });
        await Should.ThrowAsync<OperationCanceledException>(withdrawn!);
        _steps.ShouldBe(["a b c", "a b c", "a c", "a c"]);
        (cancelled.StepIndex, cancelled.HasLeft).ShouldBe((2, true));
    }

    [Fact]
    public async Task Too_many_for_the_memory_go_on_in_halves_and_only_who_does_not_fit_alone_fails()
    {
        await LearnedAsync();
        _model.Stepping = batch =>
        {
            if (batch.Count > 2 || batch.Any(sample => sample.Name == "huge"))
            {
                throw new KontextException(ErrorCode.OutOfMemory, "too large");
            }
            Note(batch);
        };
        FakeSample[] fine = [new("a", 3), new("b", 3), new("c", 3), new("d", 3)];
        var huge = new FakeSample("huge", 3);
        Task? failed = null;
        await Held(() =>
        {
            failed = Run(huge);
            return [.. fine.Select(sample => Run(sample))];
        });
        (await Should.ThrowAsync<KontextException>(failed!)).Code.ShouldBe(ErrorCode.OutOfMemory);
        fine.ShouldAllBe(sample => sample.IsDone);
        huge.StepIndex.ShouldBe(0);
    }

    [Fact]
    public async Task Whose_fault_it_is_that_a_step_fails_shows_alone()
    {
        await LearnedAsync();
        _model.Stepping = batch =>
        {
            if (batch.Any(sample => sample.Name == "bad" && sample.StepIndex == 2))
            {
                throw new KontextException(ErrorCode.DeviceFailed, "no kernel for this");
            }
            Note(batch);
        };
        FakeSample[] fine = [new("a", 4), new("b", 4)];
        Task? failed = null;
        await Held(() =>
        {
            Task first = Run(fine[0]);
            failed = Run(new("bad", 4));
            return [first, Run(fine[1])];
        });
        (await Should.ThrowAsync<KontextException>(failed!)).Code.ShouldBe(ErrorCode.DeviceFailed);
        fine.ShouldAllBe(sample => sample.IsDone);
        // Alone for one step, then together again.
        _steps.Count(step => step == "a b").ShouldBe(1);
    }

    [Fact]
    public async Task Who_is_past_its_deadline_fails_before_its_next_step()
    {
        await LearnedAsync();
        var (late, other) = (new FakeSample("late", 4), new FakeSample("other", 4));
        var deadline = DateTimeOffset.UtcNow.AddMinutes(-1);
        Task? failed = null;
        await Held(() =>
        {
            failed = _device.RunAsync(Work(late, new(Priority.Standard, deadline, ManyTurns: true)));
            return [Run(other)];
        });
        (await Should.ThrowAsync<KontextException>(failed!)).Code.ShouldBe(ErrorCode.DeadlineExceeded);
        (late.StepIndex, other.IsDone).ShouldBe((0, true));
    }

    [Fact]
    public async Task Shares_of_a_step_add_up_to_it_and_steps_are_told()
    {
        await LearnedAsync();
        var (shared, told) = (TimeSpan.Zero, TimeSpan.Zero);
        _device.Stepped += (_, step) =>
        {
            told += step.Took;
            step.Held.ShouldBe(step.Samples.Count);
        };
        await Held(() =>
            [
                .. Enumerable
                    .Range(0, 3)
                    .Select(i =>
                        _device.RunAsync(Work(new($"{i}", 5), Of(Priority.Standard), share => shared += share))
                    ),
            ]
        );
        shared.TotalMilliseconds.ShouldBe(told.TotalMilliseconds, 0.01);
    }

    /// <summary>Until the device knows that it can take all at once: a step takes as long for eight as for one.</summary>
    private async Task LearnedAsync()
    {
        _model.Stepping = _ => _clock.Pass(TimeSpan.FromMilliseconds(1));
        foreach (var size in new[] { 16, 32 })
        {
            await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Run(new($"{i}", 60, size))));
        }
        _steps.Clear();
        _model.Stepping = Note;
    }

    private void Note(IReadOnlyList<FakeSample> batch)
    {
        _clock.Pass(TimeSpan.FromMilliseconds(1));
        _steps.Add(string.Join(' ', batch.Select(sample => sample.Name)));
    }

    private Task Run(
        FakeSample sample,
        Priority priority = Priority.Standard,
        Action? paused = null,
        CancellationToken? token = null
    ) => _device.RunAsync(Work(sample, Of(priority), paused: paused, token: token));

    private SampleWork Work(
        FakeSample sample,
        Urgency urgency,
        Action<TimeSpan>? stepped = null,
        Action? paused = null,
        CancellationToken? token = null
    ) =>
        new(new(Model, sample.Shape), _model, sample, urgency, token ?? TestContext.Current.CancellationToken)
        {
            Size = SizeClass.S,
            Stepped = stepped ?? (_ => { }),
            Paused = paused ?? (() => { }),
        };

    private static Urgency Of(Priority priority) => new(priority, Deadline: null, ManyTurns: true);

    /// <summary>Keeps the device busy until all work has come.</summary>
    private async Task Held(Func<Task[]> arrive)
    {
        using var hold = new ManualResetEventSlim();
        var first = _device.RunAsync(
            new(Priority.Interactive, Deadline: null, ManyTurns: false),
            () => hold.Wait(TimeSpan.FromMinutes(1)),
            TestContext.Current.CancellationToken
        );
        var tasks = arrive();
        hold.Set();
        (await first).ShouldBeTrue();
        await Task.WhenAll(tasks);
    }
}
