using System.Collections.Concurrent;
using System.Diagnostics;
using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Flux.Bundles;
using Kontext.Flux.Images;
using Kontext.Flux.Sampling;
using Kontext.Flux.Sessions;
using Kontext.Flux.Stages;
using Kontext.Worker.Devices;
using Kontext.Worker.Models;

namespace Kontext.Worker.Engine;

/// <summary>The engine alone with one model, for whoever measures it: no lanes, claims, tensors of others.</summary>
public sealed class EngineTrial : IDisposable
{
    private readonly DeviceThread _device;
    private readonly BatchSizes _sizes;
    private readonly ModelBundle _bundle;
    private readonly FluxModel _model;
    private readonly ConcurrentDictionary<ISample, EngineTrialSample> _running = new();

    private EngineTrial(DeviceThread device, BatchSizes sizes, ModelBundle bundle, FluxModel model)
    {
        (_device, _sizes, _bundle, _model) = (device, sizes, bundle, model);
        _device.Stepped += (_, step) =>
        {
            var ended = Stopwatch.GetTimestamp();
            Stepped(
                new(
                    ended - (long)(step.Took.TotalSeconds * Stopwatch.Frequency),
                    ended,
                    [.. step.Samples.Select(work => _running[work.Sample])]
                )
            );
        };
    }

    /// <summary>Told after every step on the device's thread.</summary>
    public Action<EngineTrialStep> Stepped { get; set; } = _ => { };

    /// <summary>Time that the runtime has computed steps in all.</summary>
    public TimeSpan Computed => _model.StepsComputed;

    /// <summary>Batch sizes learned so far, by shape.</summary>
    public IReadOnlyDictionary<string, int> Learned =>
        _sizes.Learned.ToDictionary(learned => learned.Shape, learned => learned.Size, StringComparer.Ordinal);

    /// <summary>Loads what encodes and denoises.</summary>
    /// <param name="bundle">The model.</param>
    /// <param name="options">The device.</param>
    /// <param name="largestBatch">The most samples that share a step.</param>
    /// <param name="isFixed">Whether always as many share one as there are, up to that; else it is learned.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="KontextException">The bundle is incomplete, or the device cannot run or hold it.</exception>
    public static async Task<EngineTrial> OpenAsync(
        ModelBundle bundle,
        DeviceOptions options,
        int largestBatch,
        bool isFixed,
        CancellationToken cancellationToken
    )
    {
        var sizes = new BatchSizes(largestBatch, isFixed);
        var device = new DeviceThread(sizes, TimeProvider.System);
        try
        {
            var model = await device.RunAsync(
                Urgent,
                () => new FluxModel(bundle, options, [Stage.Encode, Stage.Denoise]),
                cancellationToken
            );
            return new(device, sizes, bundle, model);
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    /// <summary>What an image of a size is made from: an edit of a plain picture of that size, or text alone.</summary>
    public Task<DenoiseInput> InputAsync(
        string prompt,
        ImageSize size,
        bool isEdit,
        int steps,
        CancellationToken cancellationToken
    ) =>
        _device.RunAsync(
            Urgent,
            () =>
                new DenoiseInput
                {
                    Prompt = _model.EncodePrompt(prompt),
                    Guidance = _bundle.Manifest.Sampling.Guidance,
                    Contexts = isEdit
                        ? [_model.EncodeContext(RgbImage.Filled(size.Width, size.Height, 200, 120, 40), size)]
                        : [],
                    Size = size,
                    Steps = steps,
                    Seed = 0,
                },
            cancellationToken
        );

    /// <summary>Takes a sample through all its steps.</summary>
    /// <param name="run">The sample.</param>
    /// <param name="isSaved">Whether its latents are copied after each step, as for a checkpoint.</param>
    /// <param name="cancellationToken">Withdraws it.</param>
    public async Task RunAsync(EngineTrialSample run, bool isSaved, CancellationToken cancellationToken)
    {
        var sample = _model.Start(run.Input, latents: null, step: 0);
        _running[sample] = run;
        try
        {
            await _device.RunAsync(
                new SampleWork(
                    new(LoadedModels.RefOf(_bundle), sample.Shape),
                    _model,
                    sample,
                    new(run.Priority, Deadline: null, ManyTurns: true),
                    cancellationToken
                )
                {
                    Size = SizeClasses.Of(run.Input.Size.Width, run.Input.Size.Height),
                    Stepped = share =>
                    {
                        if (isSaved)
                        {
                            var began = Stopwatch.GetTimestamp();
                            _ = sample.Latents with { Tokens = [.. sample.Latents.Tokens] };
                            run.Copying += Stopwatch.GetElapsedTime(began);
                        }
                    },
                }
            );
            run.Latents = sample.Latents;
        }
        finally
        {
            _running.TryRemove(sample, out _);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _device.Dispose();
        if (!_device.IsAlive)
        {
            _model.Dispose();
        }
    }

    private static Urgency Urgent => new(Priority.Interactive, Deadline: null, ManyTurns: false);
}
