using System.Globalization;

namespace Kontext.Storage.Objects;

/// <summary>The names of everything in the object store.</summary>
public static class ObjectNames
{
    /// <summary>Prefix of accepted jobs that have no terminal record yet.</summary>
    public const string PendingPrefix = "pending/";

    /// <summary>Prefix of terminal records.</summary>
    public const string JobPrefix = "jobs/";

    /// <summary>Prefix of what is still to be told of ended jobs.</summary>
    public const string WebhookPrefix = "webhooks/";

    /// <summary>Prefix of manifests of models that workers serve.</summary>
    public const string ModelPrefix = "models/";

    /// <summary>Prefix of tenants.</summary>
    public const string TenantPrefix = "tenants/";

    /// <summary>A tenant.</summary>
    public static string Tenant(string id) => $"{TenantPrefix}{id}.json";

    /// <summary>The tenant of a name under <see cref="TenantPrefix"/>.</summary>
    public static string TenantOf(string name) => Path.GetFileNameWithoutExtension(name);

    /// <summary>The acceptance of a job: its spec.</summary>
    public static string Pending(string job) => $"{PendingPrefix}{job}.json";

    /// <summary>The job of a name under <see cref="PendingPrefix"/>.</summary>
    public static string JobOfPending(string name) => Path.GetFileNameWithoutExtension(name);

    /// <summary>The terminal record of a job.</summary>
    public static string Job(string job) => $"{JobPrefix}{job}.json";

    /// <summary>That somebody is still to be told of a job's end.</summary>
    public static string Webhook(string job) => $"{WebhookPrefix}{job}.json";

    /// <summary>The job of a name under <see cref="WebhookPrefix"/>.</summary>
    public static string JobOfWebhook(string name) => Path.GetFileNameWithoutExtension(name);

    /// <summary>Prefix of pictures that tenants have sent ahead of jobs.</summary>
    public const string UploadPrefix = "uploads/";

    /// <summary>
    /// A context image as it was given. Each job has its own: what nobody else uses is known without counting.
    /// </summary>
    /// <param name="job">The job's id.</param>
    /// <param name="context">Index of the context.</param>
    public static string Input(string job, int context) => $"{Inputs(job)}{context}";

    /// <summary>Prefix of all context images that came with a job, in folders as <see cref="Outputs"/>.</summary>
    public static string Inputs(string job) => $"inputs/{job[..2]}/{job}-";

    /// <summary>A picture sent ahead of jobs.</summary>
    /// <param name="lastDay">The day (UTC) after which it is kept no more; those that are over are found by their names.</param>
    /// <param name="key">Key of the tenant and the upload's id, see <see cref="TenantKeys"/>.</param>
    public static string Upload(DateOnly lastDay, string key) => $"{UploadPrefix}{lastDay:yyyyMMdd}/{key}";

    /// <summary>The last day of a name under <see cref="UploadPrefix"/>, or null if it is none of ours.</summary>
    public static DateOnly? LastDayOfUpload(string name) =>
        name.Length > UploadPrefix.Length + 8
        && DateOnly.TryParseExact(
            name.AsSpan(UploadPrefix.Length, 8),
            "yyyyMMdd",
            CultureInfo.InvariantCulture,
            DateTimeStyles.None,
            out var day
        )
            ? day
            : null;

    /// <summary>An image that was made. The claim's number keeps runs apart: the record names the one that counts.</summary>
    public static string Image(string job, int sample, long claim, string format) =>
        $"{Outputs(job)}{sample}-{claim}.{format}";

    /// <summary>The latents that an image was decoded from.</summary>
    public static string Latents(string job, int sample, long claim) => $"{Outputs(job)}{sample}-{claim}.latents";

    /// <summary>
    /// Prefix of everything a job made. Jobs share 256 folders by the beginning of their ids: in a store that is a folder of
    /// files, one folder for each would cost more than what is in it.
    /// </summary>
    /// <param name="job">The job's id, 32 hexadecimal digits.</param>
    public static string Outputs(string job) => $"outputs/{job[..2]}/{job}-";

    /// <summary>Manifest of a model that workers serve, by its short name, see <see cref="Contracts.Jobs.ModelRef.Short"/>.</summary>
    public static string Model(string name) => $"{ModelPrefix}{name}.json";
}
