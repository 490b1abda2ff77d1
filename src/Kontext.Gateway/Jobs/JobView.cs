namespace Kontext.Gateway.Jobs;

/// <summary>A job as its owner sees it.</summary>
public sealed record JobView
{
    /// <summary>Its id: 32 hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>Where it is.</summary>
    public required JobStatus Status { get; init; }

    /// <summary>Share of its work that is done, 0 to 1.</summary>
    public required double Progress { get; init; }

    /// <summary>How many jobs wait ahead of it; null if it does not wait.</summary>
    public int? QueuePosition { get; init; }

    /// <summary>When it is expected to end, if nothing more urgent comes; null: that is not known, or it has ended.</summary>
    public DateTimeOffset? Eta { get; init; }

    /// <summary>Images that are there.</summary>
    public required IReadOnlyList<ImageView> Images { get; init; }

    /// <summary>How long what is done took.</summary>
    public required TimingsView TimingsMs { get; init; }

    /// <summary>Why it failed.</summary>
    public ErrorView? Error { get; init; }

    /// <summary>The job whose image this one goes on from.</summary>
    public string? Parent { get; init; }

    /// <summary>The first job of the chain that it is a turn of: itself, if it has no parent.</summary>
    public string? Session { get; init; }

    /// <summary>What to make, or how to change the first context.</summary>
    public required string Prompt { get; init; }

    /// <summary>Name of the model.</summary>
    public required string Model { get; init; }

    /// <summary>Digest of the model's files: the very weights that the job runs on.</summary>
    public required string ModelDigest { get; init; }

    /// <summary>Width of its images in pixels.</summary>
    public required int Width { get; init; }

    /// <summary>Height of its images in pixels.</summary>
    public required int Height { get; init; }

    /// <summary>Denoising steps of each image.</summary>
    public required int Steps { get; init; }

    /// <summary>Guidance fed to the model.</summary>
    public required float Guidance { get; init; }

    /// <summary>Seed of the first image.</summary>
    public required long Seed { get; init; }

    /// <summary>Images to make.</summary>
    public required int Count { get; init; }

    /// <summary>When it was accepted.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? FinishedAt { get; init; }
}

/// <summary>An image that is there.</summary>
/// <param name="Url">Where the file is: text, for it begins with whatever name a client calls the gateway by.</param>
/// <param name="Seed">Seed of its noise.</param>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
public sealed record ImageView(string Url, long Seed, int Width, int Height);

/// <summary>Milliseconds from the first begin to the last end of what is done; null: not done yet.</summary>
/// <param name="Queued">From acceptance until work began.</param>
/// <param name="Encode">Prompt and contexts.</param>
/// <param name="Denoise">All images.</param>
/// <param name="Decode">All images.</param>
/// <param name="Total">From acceptance to the end.</param>
public sealed record TimingsView(double? Queued, double? Encode, double? Denoise, double? Decode, double? Total);

/// <summary>Why a job failed.</summary>
/// <param name="Code">Name of the kind of failure.</param>
/// <param name="Message">One sentence.</param>
public sealed record ErrorView(string Code, string Message);

/// <summary>A step that an image took: told as it happens, and to those who listen only.</summary>
/// <param name="Image">Index of the image.</param>
/// <param name="Step">Steps taken.</param>
/// <param name="Steps">Steps to take.</param>
public sealed record StepView(int Image, int Step, int Steps);
