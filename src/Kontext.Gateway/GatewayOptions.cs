using System.ComponentModel.DataAnnotations;
using Kontext.Gateway.Origins;

namespace Kontext.Gateway;

/// <summary>How the gateway behaves; section <c>Gateway</c> of the configuration.</summary>
public sealed record GatewayOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Gateway";

    /// <summary>Jobs that may be open in the whole cluster; beyond it requests are refused with 429.</summary>
    /// <value>10,000: a record is a few kilobytes.</value>
    [Range(1, 10_000_000)]
    public int MaxOpenJobs { get; init; } = 10_000;

    /// <summary>The model of requests that name none.</summary>
    /// <value>Null: the only one there is, else kontext-tiny.</value>
    public string? DefaultModel { get; init; }

    /// <summary>Longest body of a request, in bytes.</summary>
    /// <value>64 MiB: an image of the largest size allowed is 43 MiB in base64.</value>
    [Range(1024, 1 << 30)]
    public int MaxBodyBytes { get; init; } = 64 << 20;

    /// <summary>Bytes of all bodies that are held at a time; requests beyond it wait for room.</summary>
    /// <value>512 MiB.</value>
    [Range(1024, long.MaxValue)]
    public long BodyMemoryBytes { get; init; } = 512 << 20;

    /// <summary>After which time a client that was refused with 429 or 503 should come again.</summary>
    /// <value>5 seconds.</value>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a request may take, its body included. Streams of events and images have no limit, for they end with their client;
    /// whoever waits for the end of a job has <see cref="MaxWait"/>.
    /// </summary>
    /// <value>Two minutes: enough for the largest body on a slow line.</value>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Pages of other origins that may use the interface.</summary>
    public CorsSettings Cors { get; init; } = new();

    /// <summary>How long the body that an Idempotency-Key was first used with is remembered, besides in the job itself.</summary>
    /// <value>A day.</value>
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00")]
    public TimeSpan IdempotencyKept { get; init; } = TimeSpan.FromDays(1);

    /// <summary>After how long a silence a stream of events says that it is alive, and looks whether it has missed something.</summary>
    /// <value>10 seconds: less than what proxies wait.</value>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:10:00")]
    public TimeSpan EventsHeartbeat { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long <c>Prefer: wait</c> waits for the end of a job when it does not say.</summary>
    /// <value>A minute.</value>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan DefaultWait { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Longest time that a request waits for the end of a job, whatever it asks for.</summary>
    /// <value>Nine and a half minutes: OpenAI's clients give up after ten, and would send their request again.</value>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromMinutes(9.5);

    /// <summary>How long the URL of an image is good for those who have nothing but the URL.</summary>
    /// <value>An hour.</value>
    [Range(typeof(TimeSpan), "00:00:10", "365.00:00:00")]
    public TimeSpan ImageUrlValid { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// Names that models have elsewhere, and what they stand for here, unless a model has that very name; empty text is the
    /// default model. Each is a path of the BFL interface as well: <c>POST /v1/{name}</c>.
    /// </summary>
    /// <value>The names of FLUX.1 Kontext at Black Forest Labs, each for the default model.</value>
    public Dictionary<string, string> ModelAliases { get; init; } =
        new(StringComparer.Ordinal)
        {
            ["flux-kontext-dev"] = "",
            ["flux-kontext-pro"] = "",
            ["flux-kontext-max"] = "",
        };

    /// <summary>The model that a name in a request stands for; null: the default.</summary>
    internal string? ModelOf(string? name) =>
        name is null || !ModelAliases.TryGetValue(name, out var model) ? name
        : model.Length > 0 ? model
        : null;

    /// <summary>
    /// Whether the log says what jobs ask for: prompts, which may be about people. At level Information, so with --verbose.
    /// </summary>
    /// <value>False: no log holds a prompt or a picture.</value>
    public bool LogPrompts { get; init; }

    /// <summary>Where clients reach the gateway, for the URLs in answers, such as <c>https://images.example.org</c>.</summary>
    /// <value>Null: as the request names it.</value>
    public Uri? PublicUrl { get; init; }
}
