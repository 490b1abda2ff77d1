using System.Text.Json.Serialization;

namespace Kontext.Gateway.OpenAi;

/// <summary>Images that were made.</summary>
public sealed record ImagesAnswer
{
    /// <summary>When, in seconds since 1970.</summary>
    public required long Created { get; init; }

    /// <summary>The images, in order.</summary>
    public required IReadOnlyList<ImageDatum> Data { get; init; }

    /// <summary>Always opaque.</summary>
    public required string Background { get; init; }

    /// <summary><c>png</c>, <c>jpeg</c> or <c>webp</c>.</summary>
    public required string OutputFormat { get; init; }

    /// <summary>As it was asked for.</summary>
    public required string Quality { get; init; }

    /// <summary>Such as <c>1024x1024</c>.</summary>
    public required string Size { get; init; }

    /// <summary>How much it was.</summary>
    public required TokenUsage Usage { get; init; }
}

/// <summary>An image.</summary>
/// <param name="B64Json">The file.</param>
/// <param name="Url">Where the file is, for as long as URLs are good.</param>
public sealed record ImageDatum([property: JsonPropertyName("b64_json")] byte[]? B64Json, string? Url);

/// <summary>An event of a stream.</summary>
public sealed record ImageEvent
{
    /// <summary>The same as the name of the event.</summary>
    public required string Type { get; init; }

    /// <summary>The file.</summary>
    [JsonPropertyName("b64_json")]
    public required byte[] B64Json { get; init; }

    /// <summary>When, in seconds since 1970.</summary>
    public required long CreatedAt { get; init; }

    /// <summary>Size of the finished image, such as <c>1024x1024</c>.</summary>
    public required string Size { get; init; }

    /// <summary>As it was asked for.</summary>
    public required string Quality { get; init; }

    /// <summary>Always opaque.</summary>
    public required string Background { get; init; }

    /// <summary>Format of this file.</summary>
    public required string OutputFormat { get; init; }

    /// <summary>Which of the pictures on the way it is, from 0.</summary>
    public int? PartialImageIndex { get; init; }

    /// <summary>How much it was; with the last.</summary>
    public TokenUsage? Usage { get; init; }
}

/// <summary>Size of the work in tokens: what the transformer reads and makes, sixteen by sixteen pixels each for images.</summary>
/// <param name="InputTokens">All that is read.</param>
/// <param name="InputTokensDetails">The same, apart.</param>
/// <param name="OutputTokens">All that is made.</param>
/// <param name="OutputTokensDetails">The same, apart.</param>
/// <param name="TotalTokens">Both.</param>
public sealed record TokenUsage(
    long InputTokens,
    TokenDetails InputTokensDetails,
    long OutputTokens,
    TokenDetails OutputTokensDetails,
    long TotalTokens
);

/// <summary>Tokens by kind.</summary>
/// <param name="ImageTokens">Of images.</param>
/// <param name="TextTokens">Of text.</param>
public sealed record TokenDetails(long ImageTokens, long TextTokens);

/// <summary>A list of models.</summary>
/// <param name="Object">Always <c>list</c>.</param>
/// <param name="Data">The models.</param>
public sealed record ModelList(string Object, IReadOnlyList<ModelView> Data);

/// <summary>A model.</summary>
/// <param name="Id">Its name, or a name that stands for it.</param>
/// <param name="Object">Always <c>model</c>.</param>
/// <param name="Created">When a worker announced it last, in seconds since 1970.</param>
/// <param name="OwnedBy">Always <c>kontext</c>.</param>
public sealed record ModelView(string Id, string Object, long Created, string OwnedBy);

/// <summary>A failure.</summary>
/// <param name="Error">Which.</param>
public sealed record OpenAiFailure(OpenAiError Error);

/// <summary>A failure.</summary>
/// <param name="Message">One sentence.</param>
/// <param name="Type">What kind, in OpenAI's words.</param>
/// <param name="Param">The field at fault.</param>
/// <param name="Code">One of our codes.</param>
public sealed record OpenAiError(
    string Message,
    string Type,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Param,
    string Code
);
