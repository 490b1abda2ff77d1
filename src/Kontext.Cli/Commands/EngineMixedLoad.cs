using System.Diagnostics;
using Kontext.Contracts.Jobs;
using Kontext.Flux.Stages;
using Kontext.Worker.Engine;

namespace Kontext.Cli.Commands;

/// <summary>
/// Samples of several shapes that come by chance, the same ones twice: as the engine takes them, and each through all its steps
/// before the next begins, first come first served.
/// </summary>
/// <param name="engine">The engine.</param>
/// <param name="shapes">What comes, and how often, as shares of 1.</param>
internal sealed class EngineMixedLoad(EngineTrial engine, IReadOnlyList<(DenoiseInput Input, double Share)> shapes)
{
    private const int Arrivals = 150;
    private const int Rounds = 3;
    private const int Seed = 1;

    /// <summary>Of what the device could do one sample after the other.</summary>
    private const double Load = 0.8;

    /// <summary>Measures, in turns.</summary>
    public async Task<EngineBenchMixed> RunAsync(CancellationToken cancellationToken)
    {
        var arrivals = Draw(await MeanAsync(cancellationToken));
        var (steps, whole) = (new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            using var one = new SemaphoreSlim(1);
            whole.Add(
                await LatencyAsync(
                    arrivals,
                    async sample =>
                    {
                        await one.WaitAsync(cancellationToken);
                        try
                        {
                            await engine.RunAsync(sample, isSaved: false, cancellationToken);
                        }
                        finally
                        {
                            one.Release();
                        }
                    },
                    cancellationToken
                )
            );
            steps.Add(
                await LatencyAsync(
                    arrivals,
                    sample => engine.RunAsync(sample, isSaved: false, cancellationToken),
                    cancellationToken
                )
            );
        }
        return new(
            Arrivals,
            Load,
            Math.Round(EngineBench.Median(whole), 1),
            Math.Round(EngineBench.Median(steps), 1),
            Math.Round(EngineBench.Median([.. steps.Zip(whole, (together, alone) => together / alone)]), 3)
        );
    }

    /// <summary>Seconds of the device that one takes in the mean, alone.</summary>
    private async Task<double> MeanAsync(CancellationToken cancellationToken)
    {
        var mean = 0.0;
        foreach (var (input, share) in shapes)
        {
            var times = new List<double>();
            for (var i = 0; i < Rounds; i++)
            {
                var began = Stopwatch.GetTimestamp();
                await engine.RunAsync(new(input, Priority.Standard), isSaved: false, cancellationToken);
                times.Add(Stopwatch.GetElapsedTime(began).TotalSeconds);
            }
            mean += share * EngineBench.Median(times);
        }
        return mean;
    }

    /// <summary>Who comes when, after the beginning: exponential times between, so that arrivals are a Poisson process.</summary>
    private IReadOnlyList<(DenoiseInput Input, TimeSpan At)> Draw(double mean)
    {
        var random = new Random(Seed);
        var at = 0.0;
        var arrivals = new List<(DenoiseInput, TimeSpan)>();
        for (var i = 0; i < Arrivals; i++)
        {
            at += -Math.Log(1 - random.NextDouble()) * mean / Load;
            var draw = random.NextDouble();
            var shape = 0;
            while (shape < shapes.Count - 1 && draw >= shapes[shape].Share)
            {
                draw -= shapes[shape++].Share;
            }
            arrivals.Add((shapes[shape].Input with { Seed = i }, TimeSpan.FromSeconds(at)));
        }
        return arrivals;
    }

    /// <summary>From arrival to the last step, in milliseconds, in the mean.</summary>
    private static async Task<double> LatencyAsync(
        IReadOnlyList<(DenoiseInput Input, TimeSpan At)> arrivals,
        Func<EngineTrialSample, Task> take,
        CancellationToken cancellationToken
    )
    {
        var began = Stopwatch.GetTimestamp();
        var latencies = new List<Task<double>>();
        foreach (var (input, at) in arrivals)
        {
            if (at - Stopwatch.GetElapsedTime(began) is { Ticks: > 0 } left)
            {
                await Task.Delay(left, cancellationToken);
            }
            latencies.Add(OneAsync(input, at));
        }
        return (await Task.WhenAll(latencies)).Average();

        async Task<double> OneAsync(DenoiseInput input, TimeSpan at)
        {
            await take(new(input, Priority.Standard));
            return (Stopwatch.GetElapsedTime(began) - at).TotalMilliseconds;
        }
    }
}
