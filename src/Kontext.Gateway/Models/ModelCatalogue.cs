using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Flux.Bundles;
using Kontext.Storage.Objects;
using Kontext.Storage.Workers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Kontext.Gateway.Models;

/// <summary>The models that can be asked for: the manifests that workers have put into the object store.</summary>
internal sealed partial class ModelCatalogue(
    IObjectStore objects,
    WorkerDirectory workers,
    IOptions<GatewayOptions> options,
    TimeProvider time,
    ILogger<ModelCatalogue> logger
) : IDisposable
{
    /// <summary>A new model is found this much later at most.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _reading = new(1);

    /// <summary>By object name; an object never changes, for its name holds its digest. Null is no manifest.</summary>
    private readonly Dictionary<string, ServedModel?> _manifests = new(StringComparer.Ordinal);
    private volatile Listing? _listing;

    /// <summary>The model of a request.</summary>
    /// <param name="name">Name in the request, of a model or one that stands for it; null for the default.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="KontextException">There is none, or a store does not answer.</exception>
    public async Task<ServedModel> FindAsync(string? name, CancellationToken cancellationToken)
    {
        var listing = await ListingAsync(cancellationToken);
        // A model that has the name itself comes before one that the name stands for.
        if (listing.Models.All(model => model.Ref.Name != name))
        {
            name = options.Value.ModelOf(name);
        }
        return ModelChoice.Choose(name, options.Value.DefaultModel, listing.Models, listing.Live);
    }

    /// <summary>Every model announced so far, the newest last; several may have one name.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.ServiceUnavailable"/>.</exception>
    public async Task<IReadOnlyList<ServedModel>> ListAsync(CancellationToken cancellationToken) =>
        (await ListingAsync(cancellationToken)).Models;

    private async Task<Listing> ListingAsync(CancellationToken cancellationToken)
    {
        if (Fresh() is { } fresh)
        {
            return fresh;
        }
        await _reading.WaitAsync(cancellationToken);
        try
        {
            return Fresh() ?? (_listing = await ReadAsync(cancellationToken));
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <summary>The listing, unless it is old; one without models is not kept, for the first worker is awaited.</summary>
    private Listing? Fresh() =>
        _listing is { Models.Count: > 0 } listing && time.GetElapsedTime(listing.ReadAt) < Kept ? listing : null;

    private async Task<Listing> ReadAsync(CancellationToken cancellationToken)
    {
        var readAt = time.GetTimestamp();
        var found = new List<ServedModel>();
        var names = await objects.ListAsync(ObjectNames.ModelPrefix, cancellationToken).ToListAsync(cancellationToken);
        foreach (var name in names.Order(StringComparer.Ordinal))
        {
            if (!_manifests.TryGetValue(name, out var model))
            {
                _manifests[name] = model = await ReadManifestAsync(name, cancellationToken);
            }
            // Workers store the manifest of what they serve whenever they start.
            if (model is not null && await objects.StoredAtAsync(name, cancellationToken) is { } storedAt)
            {
                found.Add(model with { AnnouncedAt = storedAt });
            }
        }
        var live = await workers.ReadAsync(cancellationToken);
        return new(
            [.. found.OrderBy(model => model.AnnouncedAt)],
            live.SelectMany(worker => worker.Models).ToHashSet(),
            readAt
        );
    }

    private async Task<ServedModel?> ReadManifestAsync(string name, CancellationToken cancellationToken)
    {
        if (await objects.ReadAsync(name, cancellationToken) is not { } content)
        {
            return null;
        }
        try
        {
            return new(ModelManifest.Parse(content, name));
        }
        catch (KontextException error)
        {
            LogUnreadable(error.Message);
            return null;
        }
    }

    [LoggerMessage(LogLevel.Warning, "A model is left out: {Reason}")]
    private partial void LogUnreadable(string reason);

    public void Dispose() => _reading.Dispose();

    private sealed record Listing(IReadOnlyList<ServedModel> Models, IReadOnlySet<ModelRef> Live, long ReadAt);
}
