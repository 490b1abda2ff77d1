using System.Text.Json;
using System.Text.Json.Serialization;
using Kontext.Gateway.Requests;

namespace Kontext.Gateway.Bfl;

/// <summary>The body of <c>POST /v1/flux-kontext-…</c> as clients of Black Forest Labs send it, unchecked.</summary>
public sealed class BflRequest
{
    /// <summary>What to make, or how to change the first picture.</summary>
    public string? Prompt { get; set; }

    /// <summary>The picture that the edit starts from: base64 or a URL.</summary>
    public PictureSource? InputImage { get; set; }

    /// <summary>The next picture.</summary>
    [JsonPropertyName("input_image_2")]
    public PictureSource? InputImage2 { get; set; }

    /// <inheritdoc cref="InputImage2"/>
    [JsonPropertyName("input_image_3")]
    public PictureSource? InputImage3 { get; set; }

    /// <inheritdoc cref="InputImage2"/>
    [JsonPropertyName("input_image_4")]
    public PictureSource? InputImage4 { get; set; }

    /// <inheritdoc cref="InputImage2"/>
    [JsonPropertyName("input_image_5")]
    public PictureSource? InputImage5 { get; set; }

    /// <inheritdoc cref="InputImage2"/>
    [JsonPropertyName("input_image_6")]
    public PictureSource? InputImage6 { get; set; }

    /// <inheritdoc cref="InputImage2"/>
    [JsonPropertyName("input_image_7")]
    public PictureSource? InputImage7 { get; set; }

    /// <inheritdoc cref="InputImage2"/>
    [JsonPropertyName("input_image_8")]
    public PictureSource? InputImage8 { get; set; }

    /// <inheritdoc cref="InputImage2"/>
    [JsonPropertyName("input_image_9")]
    public PictureSource? InputImage9 { get; set; }

    /// <inheritdoc cref="InputImage2"/>
    [JsonPropertyName("input_image_10")]
    public PictureSource? InputImage10 { get; set; }

    /// <summary>Shape of the output, such as <c>16:9</c>.</summary>
    public string? AspectRatio { get; set; }

    /// <summary>Width of the output in pixels; with <see cref="Height"/>.</summary>
    public int? Width { get; set; }

    /// <summary>Height of the output in pixels; with <see cref="Width"/>.</summary>
    public int? Height { get; set; }

    /// <summary>Denoising steps.</summary>
    public int? Steps { get; set; }

    /// <summary>Guidance fed to the model.</summary>
    public float? Guidance { get; set; }

    /// <summary>Seed of the image.</summary>
    public long? Seed { get; set; }

    /// <summary>File format: <c>jpeg</c>, <c>png</c> or <c>webp</c>.</summary>
    public string? OutputFormat { get; set; }

    /// <summary>Who is told of the end.</summary>
    public string? WebhookUrl { get; set; }

    /// <summary>Key of what they are told.</summary>
    public string? WebhookSecret { get; set; }

    /// <summary>Whether the prompt may be rewritten: only false is taken.</summary>
    public bool? PromptUpsampling { get; set; }

    /// <summary>From 0 to 6; has no effect, for what is refused is set by the server.</summary>
    public int? SafetyTolerance { get; set; }

    /// <summary>Refused: the model takes no masks.</summary>
    public JsonElement? Mask { get; set; }

    /// <summary>Fields that nobody knows.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }

    /// <summary>The pictures that were given, in order, each with the name of its field.</summary>
    internal IEnumerable<(string Field, PictureSource Picture)> Pictures()
    {
        PictureSource?[] all =
        [
            InputImage,
            InputImage2,
            InputImage3,
            InputImage4,
            InputImage5,
            InputImage6,
            InputImage7,
            InputImage8,
            InputImage9,
            InputImage10,
        ];
        for (var i = 0; i < all.Length; i++)
        {
            if (all[i] is { } picture)
            {
                yield return (i == 0 ? "input_image" : $"input_image_{i + 1}", picture);
            }
        }
    }
}
