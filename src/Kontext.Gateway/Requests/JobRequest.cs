using System.Text.Json;
using System.Text.Json.Serialization;

namespace Kontext.Gateway.Requests;

/// <summary>The body of <c>POST /v1/jobs</c>, unchecked. Null means: left out, so as the model has it.</summary>
public sealed class JobRequest
{
    /// <summary>What to make, or how to change the first context.</summary>
    public string? Prompt { get; set; }

    /// <summary>Name of the model.</summary>
    public string? Model { get; set; }

    /// <summary>An earlier job whose image the edit starts from: this is the next turn of its session.</summary>
    public string? Parent { get; set; }

    /// <summary>Which image of <see cref="Parent"/>, from 0.</summary>
    public int? ParentImage { get; set; }

    /// <summary>Reference images; the edit starts from the first.</summary>
    public IReadOnlyList<ContextRequest?>? Context { get; set; }

    /// <summary>Width of the output in pixels; with <see cref="Height"/>.</summary>
    public int? Width { get; set; }

    /// <summary>Height of the output in pixels; with <see cref="Width"/>.</summary>
    public int? Height { get; set; }

    /// <summary>Shape of the output, such as <c>16:9</c>, in place of a size.</summary>
    public string? AspectRatio { get; set; }

    /// <summary>Denoising steps.</summary>
    public int? Steps { get; set; }

    /// <summary>Guidance fed to the model.</summary>
    public float? Guidance { get; set; }

    /// <summary>What to keep away from; needs <see cref="TrueCfg"/> above 1.</summary>
    public string? NegativePrompt { get; set; }

    /// <summary>Strength of the negative prompt, at twice the time.</summary>
    public float? TrueCfg { get; set; }

    /// <summary>Seed of the first image; image i takes seed + i.</summary>
    public long? Seed { get; set; }

    /// <summary>How many images to make.</summary>
    public int? Count { get; set; }

    /// <summary>File format: <c>png</c>, <c>jpeg</c> or <c>webp</c>.</summary>
    public string? Format { get; set; }

    /// <summary><c>interactive</c>, <c>standard</c> or <c>batch</c>.</summary>
    public string? Priority { get; set; }

    /// <summary>When the images are worth nothing any more, RFC 3339.</summary>
    public string? Deadline { get; set; }

    /// <summary>Who is told of the job's end.</summary>
    public WebhookRequest? Webhook { get; set; }

    /// <summary>Fields that nobody knows: they are refused, for ignoring one would be to do something else in silence.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }
}

/// <summary>
/// One reference image: <c>{"image": data}</c>, <c>{"url": where}</c>, an image of an earlier job,
/// <c>{"job": id, "image": n}</c>, or a picture sent ahead, <c>{"upload": id}</c>.
/// </summary>
public sealed class ContextRequest
{
    /// <summary>The picture, or the number of the job's image.</summary>
    public ContextImage? Image { get; set; }

    /// <summary>Where the picture is.</summary>
    public string? Url { get; set; }

    /// <summary>An earlier job.</summary>
    public string? Job { get; set; }

    /// <summary>A picture that was sent ahead.</summary>
    public string? Upload { get; set; }

    /// <summary>Fields that nobody knows.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }
}
