using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Flux.Bundles;
using Kontext.Flux.Sessions;
using Kontext.Worker.Devices;

namespace Kontext.Worker.Models;

/// <summary>The models of this worker, once they are loaded.</summary>
internal sealed class LoadedModels(WorkerOptions options, OpenModel open, DeviceThread device) : IDisposable
{
    private IReadOnlyDictionary<ModelRef, LoadedModel> _models = new Dictionary<ModelRef, LoadedModel>();

    /// <summary>The device, described when the models were loaded.</summary>
    public DeviceDescription Device { get; private set; } =
        new("cpu", Architecture: "", MemoryBytes: null, new DeviceOptions());

    /// <summary>The largest size class whose memory the device has, for the stages served.</summary>
    public SizeClass LargestSize { get; private set; }

    /// <summary>All of them.</summary>
    public IEnumerable<LoadedModel> All => _models.Values;

    /// <summary>A model.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ModelNotFound"/>.</exception>
    public LoadedModel this[ModelRef model] =>
        _models.GetValueOrDefault(model)
        ?? throw new KontextException(ErrorCode.ModelNotFound, $"This worker has no model '{model.Short}'.");

    /// <summary>The reference of a bundle.</summary>
    public static ModelRef RefOf(ModelBundle bundle) => new(bundle.Manifest.Name, bundle.Manifest.Digest);

    /// <summary>Loads every model, on the device's thread.</summary>
    /// <exception cref="KontextException">A bundle is incomplete, or the device cannot run or hold it.</exception>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        var urgency = new Urgency(Priority.Interactive, Deadline: null, ManyTurns: false);
        Device = await device.RunAsync(urgency, () => DeviceDescription.Of(options.Device), cancellationToken);
        foreach (var bundle in options.Models)
        {
            var loaded = await device.RunAsync(urgency, () => Load(bundle), cancellationToken);
            _models = new Dictionary<ModelRef, LoadedModel>(_models) { [loaded.Ref] = loaded };
        }
        var fit = new MemoryFit(
            [.. All.Select(model => (model.Bundle.Manifest, PartWeights.Of(model.Bundle)))],
            options.Stages,
            Device.Options.EffectivePrecision
        );
        LargestSize =
            options.LargestSize
            ?? (Device.MemoryBytes is { } memory && options.StageTime is null ? fit.LargestSize(memory) : SizeClass.L);
        if (options.Stages.Contains(Stage.Denoise) && options.StageTime is null)
        {
            // A processor's memory is the process's: what its container or machine lets it have.
            var bytes = Device.MemoryBytes ?? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
            _models = _models.ToDictionary(
                model => model.Key,
                model => model.Value with { Room = fit.Room(model.Value.Bundle.Manifest, bytes, LargestSize) }
            );
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        device.Dispose();
        if (device.IsAlive)
        {
            // A turn that does not end may still compute on them.
            return;
        }
        foreach (var model in All)
        {
            model.Stages.Dispose();
        }
    }

    private LoadedModel Load(ModelBundle bundle) =>
        new(RefOf(bundle), bundle, Device.NumericClass(bundle.Manifest), open(bundle));
}
