using System.Text.Json.Serialization;

namespace Kontext.Gateway.Requests;

/// <summary>What <c>image</c> of a context says: a file in base64 (also as a data URI), or a number.</summary>
[JsonConverter(typeof(ContextImageConverter))]
public sealed record ContextImage
{
    /// <summary>The file's bytes, where they were given.</summary>
    public byte[]? Bytes { get; init; }

    /// <summary>The number, where one was given. Text that is no base64 is neither.</summary>
    public int? Number { get; init; }
}
