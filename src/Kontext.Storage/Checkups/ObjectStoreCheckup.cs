using Kontext.Contracts;
using Kontext.Contracts.Checkups;
using Kontext.Storage.Objects;

namespace Kontext.Storage.Checkups;

/// <summary>Whether an S3 server answers, has the bucket, and gives back and forgets what it is given.</summary>
internal sealed class ObjectStoreCheckup(ObjectStoreSettings settings) : ICheckup
{
    /// <inheritdoc/>
    public string Subject => "object store";

    /// <inheritdoc/>
    public string Place => $"The object store at {settings.Endpoint.Authority} (ObjectStore:Endpoint)";

    /// <inheritdoc/>
    public async Task<Finding> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var store = new S3ObjectStore(settings);
            if (!await store.HasBucketAsync(cancellationToken))
            {
                return Finding.Fault(
                    ErrorCode.ConfigurationInvalid,
                    $"The object store at {settings.Endpoint.Authority} has no bucket '{settings.Bucket}' (ObjectStore:Bucket).",
                    "Correct its name or make it; 'kontext serve' makes it when it starts, if ObjectStore:AccessKey may."
                );
            }
            var latency = await ObjectRoundTrip.RunAsync(store, cancellationToken);
            return Finding.Ok($"{settings.Endpoint.Authority}, bucket '{settings.Bucket}'") with { Latency = latency };
        }
        catch (KontextException error)
        {
            return Finding.Fault(error, S3Failures.Advice(settings, error.InnerException));
        }
    }
}
