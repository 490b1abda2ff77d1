using System.Text.Json.Serialization;
using Kontext.Contracts.Tasks;

namespace Kontext.Contracts.Jobs;

/// <summary>
/// What was accepted: a request that has been checked, with every default filled in. It never changes. Stored as
/// <c>pending/{id}.json</c>, which is the acceptance.
/// </summary>
public sealed record JobSpec
{
    /// <summary>Version of this form.</summary>
    [JsonConverter(typeof(WireVersionConverter))]
    public int V { get; init; } = WireJson.Version;

    /// <summary>The job's id: 32 hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>Whose job it is.</summary>
    public required string Tenant { get; init; }

    /// <summary>The model, pinned.</summary>
    public required ModelRef Model { get; init; }

    /// <summary>What to make, or how to change the first context.</summary>
    public required string Prompt { get; init; }

    /// <summary>What to keep away from, if it takes effect.</summary>
    public string? NegativePrompt { get; init; }

    /// <summary>Strength of true classifier-free guidance; 1 is none.</summary>
    public float TrueCfgScale { get; init; } = 1f;

    /// <summary>Reference images, in order.</summary>
    public required IReadOnlyList<JobContext> Contexts { get; init; }

    /// <summary>The job whose image its first context is, where it is the next turn of a chain.</summary>
    public string? Parent { get; init; }

    /// <summary>The first job of that chain; null for a job without a parent, which begins one.</summary>
    public string? Session { get; init; }

    /// <summary>Width of the output in pixels.</summary>
    public required int Width { get; init; }

    /// <summary>Height of the output in pixels.</summary>
    public required int Height { get; init; }

    /// <summary>Denoising steps.</summary>
    public required int Steps { get; init; }

    /// <summary>Guidance fed to the model.</summary>
    public required float Guidance { get; init; }

    /// <summary>Seed of the first sample; sample i takes seed + i.</summary>
    public required long Seed { get; init; }

    /// <summary>Samples to make.</summary>
    public required int Count { get; init; }

    /// <summary>File format of the images: <c>png</c>, <c>jpeg</c> or <c>webp</c>.</summary>
    public required string Format { get; init; }

    /// <summary>How urgent it is.</summary>
    public required Priority Priority { get; init; }

    /// <summary>When it is worth nothing any more.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>When it was accepted, by the gateway's clock.</summary>
    public required DateTimeOffset AcceptedAt { get; init; }

    /// <summary>Who is told of its end.</summary>
    public JobWebhook? Webhook { get; init; }

    /// <summary>SHA-256 of the request's body, where an Idempotency-Key made the id.</summary>
    public string? BodyDigest { get; init; }

    /// <summary>Device time that it was expected to take when it was accepted, in milliseconds; held from its tenant's budget.</summary>
    public long? PredictedMs { get; init; }

    /// <summary>W3C trace context of the request: the parent of every span of the job, see <c>docs/traces.md</c>.</summary>
    public string? TraceParent { get; init; }

    /// <summary>Size class of its denoise and decode tasks.</summary>
    public SizeClass Size => SizeClasses.Of(Width, Height);
}
