using System.Collections.Concurrent;
using System.Diagnostics;
using Kontext.Contracts.Jobs;
using Kontext.Flux.Bundles;
using Kontext.Flux.Sampling;
using Kontext.Flux.Sessions;
using Kontext.Flux.Stages;
using Kontext.Worker;
using Kontext.Worker.Engine;

namespace Kontext.Cli.Commands;

/// <summary>Measures the engine on a real model: what batches gain, what urgent and cancelled samples see, what it costs.</summary>
/// <param name="bundle">The model.</param>
/// <param name="options">The device.</param>
/// <param name="tries">Urgent samples.</param>
internal sealed class EngineBench(ModelBundle bundle, DeviceOptions options, int tries)
{
    private const int Images = 8;
    private const int Rounds = 5;

    /// <summary>Enough that every size up to the largest is measured.</summary>
    private const int LearningSteps = 40;
    private const int Cancels = 50;
    private const int OverheadBatch = 4;
    private const string Prompt = "make the background pink";

    /// <summary>More than any measurement takes.</summary>
    private const int Endless = GenerationPlan.MaxSteps;

    private int Steps => bundle.Manifest.Sampling.Steps;

    private ImageSize Size => bundle.Manifest.Sampling.DefaultSize;

    /// <summary>Measures everything.</summary>
    public async Task<EngineBenchReport> RunAsync(CancellationToken cancellationToken)
    {
        using var engine = await EngineTrial.OpenAsync(bundle, options, Images, isFixed: false, cancellationToken);
        var edit = await engine.InputAsync(Prompt, Size, isEdit: true, Steps, cancellationToken);
        var inputs = await ShapesAsync(engine, edit, cancellationToken);
        var shapes = new List<EngineBenchShape>();
        foreach (var input in inputs)
        {
            shapes.Add(await GainAsync(engine, input, cancellationToken));
        }
        var mixed = await new EngineMixedLoad(engine, Mix(inputs)).RunAsync(cancellationToken);
        var urgent = await UrgentAsync(engine, edit, cancellationToken);
        var cancel = await CancelAsync(engine, edit, cancellationToken);
        using var four = await EngineTrial.OpenAsync(bundle, options, OverheadBatch, isFixed: true, cancellationToken);
        var overhead = await OverheadAsync(four, edit, cancellationToken);
        var checkpoints = await CheckpointsAsync(four, edit, cancellationToken);
        return new(bundle.Manifest.Name, shapes, mixed, urgent, cancel, overhead, checkpoints);
    }

    /// <summary>Edits and images from text, of the model's default size and where it can of twice and half its sides.</summary>
    private async Task<IReadOnlyList<DenoiseInput>> ShapesAsync(
        EngineTrial engine,
        DenoiseInput edit,
        CancellationToken cancellationToken
    )
    {
        var limits = bundle.Manifest.Sampling.Limits;
        var inputs = new List<DenoiseInput>
        {
            edit,
            await engine.InputAsync(Prompt, Size, isEdit: false, Steps, cancellationToken),
        };
        foreach (
            var size in new ImageSize[] { new(Size.Width / 2, Size.Height / 2), new(Size.Width * 2, Size.Height * 2) }
        )
        {
            if (
                size.Width % SizeLimits.Multiple == 0
                && size.Height % SizeLimits.Multiple == 0
                && size.Pixels >= limits.MinPixels
                && size.Pixels <= limits.MaxPixels
            )
            {
                inputs.Add(await engine.InputAsync(Prompt, size, isEdit: true, Steps, cancellationToken));
            }
        }
        return inputs;
    }

    /// <summary>As in the simulator's mixed load: most are small, a few are large.</summary>
    private static IReadOnlyList<(DenoiseInput Input, double Share)> Mix(IReadOnlyList<DenoiseInput> inputs)
    {
        double[] shares = [0.8, 0.17, 0.03];
        DenoiseInput[] bySize =
        [
            .. inputs.OrderBy(input => input.Size.Pixels * (1 + input.Contexts.Count)).Take(shares.Length),
        ];
        return [.. bySize.Select((input, i) => (input, shares[i] / shares.Take(bySize.Length).Sum()))];
    }

    private async Task<EngineBenchShape> GainAsync(
        EngineTrial engine,
        DenoiseInput input,
        CancellationToken cancellationToken
    )
    {
        await TogetherAsync(engine, input with { Steps = LearningSteps }, cancellationToken);
        // In turns, so that whatever else the machine does falls on both; the median round counts.
        var (alone, together) = (new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            var began = Stopwatch.GetTimestamp();
            for (var i = 0; i < Images; i++)
            {
                await engine.RunAsync(New(input, i), isSaved: false, cancellationToken);
            }
            alone.Add(Rate(began));
            began = Stopwatch.GetTimestamp();
            await TogetherAsync(engine, input, cancellationToken);
            together.Add(Rate(began));
        }
        var shape = new DenoiseSample(input, bundle).Shape.ToString();
        return new(
            shape,
            Images,
            engine.Learned[shape],
            Math.Round(Median(alone), 2),
            Math.Round(Median(together), 2),
            Math.Round(Median([.. together.Zip(alone, (one, other) => one / other)]), 3)
        );

        double Rate(long began) => Images * input.Steps / Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    /// <summary>Half of the urgent ones have the shape of what fills the engine, half another.</summary>
    private async Task<EngineBenchUrgent> UrgentAsync(
        EngineTrial engine,
        DenoiseInput edit,
        CancellationToken cancellationToken
    )
    {
        var other = await engine.InputAsync(Prompt, Size, isEdit: false, Steps, cancellationToken);
        var alone = new List<double>();
        for (var i = 0; i < Images; i++)
        {
            var began = Stopwatch.GetTimestamp();
            await engine.RunAsync(New(i % 2 == 0 ? edit : other, i, Priority.Interactive), false, cancellationToken);
            alone.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
        var steps = Record(engine);
        var (times, without) = (new List<double>(), 0);
        await using (Fill(engine, edit, cancellationToken))
        {
            for (var i = 0; i < tries; i++)
            {
                steps.Clear();
                var urgent = New(i % 2 == 0 ? edit : other, i, Priority.Interactive);
                var began = Stopwatch.GetTimestamp();
                var running = engine.RunAsync(urgent, isSaved: false, cancellationToken);
                var arrived = Stopwatch.GetTimestamp();
                await running;
                var ended = Stopwatch.GetTimestamp();
                times.Add(Stopwatch.GetElapsedTime(began, ended).TotalMilliseconds);
                var last = steps.Last(step => step.Samples.Contains(urgent)).Ended;
                without = Math.Max(
                    without,
                    steps.Count(step => step.Began > arrived && step.Began < last && !step.Samples.Contains(urgent))
                );
            }
        }
        times.Sort();
        return new(
            tries,
            Steps,
            without,
            Math.Round(times[times.Count / 2], 2),
            Math.Round(times[(int)(times.Count * 0.99)], 2),
            Math.Round(Median(alone), 2)
        );
    }

    private static async Task<EngineBenchCancel> CancelAsync(
        EngineTrial engine,
        DenoiseInput edit,
        CancellationToken cancellationToken
    )
    {
        var steps = Record(engine);
        var (most, finished) = (0, 0);
        for (var i = 0; i < Cancels; i++)
        {
            steps.Clear();
            using var cancel = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var cancelled = New(edit with { Steps = Endless }, i);
            EngineTrialSample[] others = [New(edit, i + 1), New(edit, i + 2)];
            Task[] running =
            [
                engine.RunAsync(cancelled, isSaved: false, cancel.Token),
                .. others.Select(one => engine.RunAsync(one, isSaved: false, cancellationToken)),
            ];
            while (!steps.Any(step => step.Samples.Contains(cancelled)))
            {
                await Task.Yield();
            }
            var at = Stopwatch.GetTimestamp();
            await cancel.CancelAsync();
            await Task.WhenAll(running[1..]);
            await running[0].ContinueWith(_ => { }, cancellationToken, default, TaskScheduler.Default);
            most = Math.Max(most, steps.Count(step => step.Began > at && step.Samples.Contains(cancelled)));
            finished += others.Count(one => one.Latents is not null);
        }
        return new(Cancels, most, 2 * Cancels, finished);
    }

    /// <summary>From the first step of a full batch to the last, everything that is not the runtime computing.</summary>
    private static async Task<EngineBenchOverhead> OverheadAsync(
        EngineTrial engine,
        DenoiseInput edit,
        CancellationToken cancellationToken
    )
    {
        await TogetherAsync(engine, edit, cancellationToken, OverheadBatch);
        var (count, began, ended) = (0, 0L, 0L);
        var computed = TimeSpan.Zero;
        engine.Stepped = step =>
        {
            // The first says when counting begins.
            if (step.Samples.Count == OverheadBatch)
            {
                (began, computed, ended, count) =
                    count == 0 ? (step.Ended, engine.Computed, 0, 1) : (began, computed, step.Ended, count + 1);
            }
        };
        await TogetherAsync(engine, edit with { Steps = Endless }, cancellationToken, OverheadBatch);
        var model = (engine.Computed - computed) / (count - 1);
        var all = Stopwatch.GetElapsedTime(began, ended) / (count - 1);
        engine.Stepped = _ => { };
        return new(
            OverheadBatch,
            Math.Round(all.TotalMilliseconds, 4),
            Math.Round((all - model).TotalMilliseconds, 4),
            Math.Round((all - model) / model, 5)
        );
    }

    private async Task<EngineBenchCheckpoints> CheckpointsAsync(
        EngineTrial engine,
        DenoiseInput edit,
        CancellationToken cancellationToken
    )
    {
        var busy = 0L;
        engine.Stepped = step => busy += step.Ended - step.Began;
        EngineTrialSample[] samples =
        [
            .. Enumerable.Range(0, OverheadBatch).Select(i => New(edit with { Steps = Endless }, i)),
        ];
        await Task.WhenAll(samples.Select(one => engine.RunAsync(one, isSaved: true, cancellationToken)));
        engine.Stepped = _ => { };
        var copying = samples.Aggregate(TimeSpan.Zero, (sum, one) => sum + one.Copying);
        var interval = new WorkerOptions { Models = [bundle] }.CheckpointInterval;
        var copy = copying / (OverheadBatch * Endless);
        return new(
            Math.Round(copy.TotalMilliseconds, 5),
            Math.Round(copying / Stopwatch.GetElapsedTime(0, busy), 6),
            interval.TotalSeconds,
            Math.Round(OverheadBatch * copy / interval, 9)
        );
    }

    /// <summary>Keeps the engine full of batch-class samples until it is disposed.</summary>
    private static Saturation Fill(EngineTrial engine, DenoiseInput input, CancellationToken cancellationToken) =>
        new(
            [.. Enumerable.Range(0, 2 * Images)],
            async (seed, stop) =>
            {
                while (!stop.IsCancellationRequested)
                {
                    await engine.RunAsync(New(input with { Steps = Endless }, seed, Priority.Batch), false, stop);
                }
            },
            cancellationToken
        );

    private static ConcurrentQueue<EngineTrialStep> Record(EngineTrial engine)
    {
        var steps = new ConcurrentQueue<EngineTrialStep>();
        engine.Stepped = steps.Enqueue;
        return steps;
    }

    private static Task TogetherAsync(
        EngineTrial engine,
        DenoiseInput input,
        CancellationToken cancellationToken,
        int images = Images
    ) =>
        Task.WhenAll(
            Enumerable.Range(0, images).Select(i => engine.RunAsync(New(input, i), isSaved: false, cancellationToken))
        );

    private static EngineTrialSample New(DenoiseInput input, long seed, Priority priority = Priority.Standard) =>
        new(input with { Seed = seed }, priority);

    /// <summary>The value in the middle; the upper of two.</summary>
    internal static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    /// <summary>Work that goes on until it is disposed.</summary>
    private sealed class Saturation : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop;
        private readonly Task _work;

        public Saturation(int[] seeds, Func<int, CancellationToken, Task> work, CancellationToken cancellationToken)
        {
            _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            _work = Task.WhenAll(seeds.Select(seed => work(seed, _stop.Token)));
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            try
            {
                await _work;
            }
            catch (OperationCanceledException)
            {
                // As asked.
            }
            _stop.Dispose();
        }
    }
}
