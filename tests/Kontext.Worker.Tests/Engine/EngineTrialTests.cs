using System.Collections.Concurrent;
using System.Diagnostics;
using Kontext.Contracts.Jobs;
using Kontext.Flux.Stages;
using Kontext.Worker.Engine;

namespace Kontext.Worker.Tests.Engine;

/// <summary>The engine with the real small model: what must be so whatever the machine's speed.</summary>
public sealed class EngineTrialTests(TinyModel model) : IClassFixture<TinyModel>
{
    private const int Endless = 500;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Full_of_batch_work_at_most_one_step_starts_without_an_interactive_sample_until_it_is_done()
    {
        using var engine = await OpenAsync();
        var steps = new ConcurrentQueue<EngineTrialStep>();
        engine.Stepped = steps.Enqueue;
        var edit = model.Edit("make the background pink", Endless, seed: 1);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task[] batch =
        [
            .. Enumerable.Range(0, 6).Select(i => engine.RunAsync(Of(edit, i, Priority.Batch), false, stop.Token)),
        ];
        DenoiseInput[] urgent = [edit with { Steps = 4 }, edit with { Steps = 4, Contexts = [] }];
        for (var i = 0; i < 20; i++)
        {
            var sample = Of(urgent[i % 2], i, Priority.Interactive);
            steps.Clear();
            var running = engine.RunAsync(sample, isSaved: false, Token);
            // From here on the engine has it; until then only this thread did, however long it was kept from going on.
            var arrived = Stopwatch.GetTimestamp();
            await running;
            EngineTrialStep[] own = [.. steps.Where(step => step.Samples.Contains(sample))];
            own.Length.ShouldBe(4);
            steps
                .Count(step => step.Began > arrived && step.Began < own[^1].Ended && !own.Contains(step))
                .ShouldBeLessThanOrEqualTo(1);
        }
        await stop.CancelAsync();
        // On a slow machine some may be done before.
        await Task.WhenAll(batch)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    [Fact]
    public async Task A_cancel_takes_effect_within_one_step_and_the_others_become_what_they_are_alone()
    {
        using var engine = await OpenAsync();
        var (mine, after) = (0, -1);
        var cancelled = Of(model.Edit("make the background pink", Endless, seed: 1), 1);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        engine.Stepped = step =>
        {
            if (!step.Samples.Contains(cancelled))
            {
                return;
            }
            after += after >= 0 ? 1 : 0;
            if (++mine == 5)
            {
                cancel.Cancel();
                after = 0;
            }
        };
        EngineTrialSample[] others =
        [
            .. Enumerable.Range(0, 5).Select(i => Of(cancelled.Input with { Steps = 12 }, i)),
        ];
        var running = engine.RunAsync(cancelled, isSaved: false, cancel.Token);
        await Task.WhenAll(others.Select(one => engine.RunAsync(one, isSaved: false, Token)));
        await Should.ThrowAsync<OperationCanceledException>(running);
        after.ShouldBe(0);
        foreach (var one in others)
        {
            ShouldBeAsAlone(one);
        }
    }

    [Fact]
    public async Task Samples_of_unlike_prompts_steps_guidance_and_seeds_that_come_and_go_are_what_they_are_alone()
    {
        using var engine = await OpenAsync();
        var sizes = new ConcurrentBag<int>();
        engine.Stepped = step => sizes.Add(step.Samples.Count);
        EngineTrialSample[] samples =
        [
            .. Enumerable
                .Range(0, 24)
                .Select(i =>
                    Of(
                        model.Edit(i % 2 == 0 ? "make the background pink" : "remove the circle", 4 + (i % 9), i) with
                        {
                            Guidance = 1f + (i % 4),
                        },
                        i,
                        (Priority)(i % 3)
                    )
                ),
        ];
        await Task.WhenAll(samples.Select(one => engine.RunAsync(one, isSaved: false, Token)));
        sizes.Max().ShouldBeGreaterThan(1);
        foreach (var one in samples)
        {
            ShouldBeAsAlone(one);
        }
    }

    private void ShouldBeAsAlone(EngineTrialSample sample)
    {
        var expected = model.Make(sample.Input).Latents.Tokens;
        var made = sample.Latents.ShouldNotBeNull().Tokens;
        made.Zip(expected, (one, other) => Math.Abs(one - other)).Max().ShouldBeLessThanOrEqualTo(1e-4f);
    }

    private Task<EngineTrial> OpenAsync() =>
        EngineTrial.OpenAsync(model.Bundle, TinyModel.OneThread, largestBatch: 8, isFixed: false, Token);

    private static EngineTrialSample Of(DenoiseInput input, long seed, Priority priority = Priority.Standard) =>
        new(input with { Seed = seed }, priority);
}
