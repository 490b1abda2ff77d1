using System.Text.Json;
using System.Text.Json.Serialization;
using Kontext.Gateway.Requests;

namespace Kontext.Gateway.OpenAi;

/// <summary>
/// The body of <c>POST /v1/images/generations</c> and <c>/v1/images/edits</c> as clients of OpenAI send it, unchecked; the
/// fields of a form are the same.
/// </summary>
public sealed class ImageRequest
{
    /// <summary>What to make, or how to change the first picture.</summary>
    public string? Prompt { get; set; }

    /// <summary>Name of the model.</summary>
    public string? Model { get; set; }

    /// <summary>How many images to make.</summary>
    public int? N { get; set; }

    /// <summary>Such as <c>1024x1024</c>, or <c>auto</c>.</summary>
    public string? Size { get; set; }

    /// <summary><c>png</c>, <c>jpeg</c> or <c>webp</c>.</summary>
    public string? OutputFormat { get; set; }

    /// <summary>Only 100 is taken: the strength of compression is fixed.</summary>
    public int? OutputCompression { get; set; }

    /// <summary><c>b64_json</c> or <c>url</c>.</summary>
    public string? ResponseFormat { get; set; }

    /// <summary>Whether to answer with events.</summary>
    public bool? Stream { get; set; }

    /// <summary>Pictures on the way, per image: 0 to 3.</summary>
    public int? PartialImages { get; set; }

    /// <summary>Has no effect: steps decide.</summary>
    public string? Quality { get; set; }

    /// <summary><c>auto</c> or <c>opaque</c>.</summary>
    public string? Background { get; set; }

    /// <summary>Has no effect: what is refused is set by the server.</summary>
    public string? Moderation { get; set; }

    /// <summary>Has no effect: the model always keeps what it is not told to change.</summary>
    public string? InputFidelity { get; set; }

    /// <summary>Has no effect: say it in the prompt.</summary>
    public string? Style { get; set; }

    /// <summary>The caller's own name for a user; not kept.</summary>
    public string? User { get; set; }

    /// <summary>Pictures to edit, in JSON.</summary>
    public IReadOnlyList<ImageReference?>? Images { get; set; }

    /// <summary>Refused: the model takes no masks.</summary>
    public JsonElement? Mask { get; set; }

    /// <summary>Seed of the first image; a field of ours.</summary>
    public long? Seed { get; set; }

    /// <summary>Denoising steps; a field of ours.</summary>
    public int? Steps { get; set; }

    /// <summary>Guidance fed to the model; a field of ours.</summary>
    public float? Guidance { get; set; }

    /// <summary>Fields that nobody knows.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }
}

/// <summary>A picture to edit.</summary>
public sealed class ImageReference
{
    /// <summary>A URL, or a data URI.</summary>
    public PictureSource? ImageUrl { get; set; }

    /// <summary>Fields that nobody knows.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }
}
