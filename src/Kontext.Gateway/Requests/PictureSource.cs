using System.Text.Json.Serialization;
using Kontext.Contracts;

namespace Kontext.Gateway.Requests;

/// <summary>A picture as the interfaces of others take it: base64, a data URI in base64, or a URL.</summary>
[JsonConverter(typeof(PictureSourceConverter))]
public sealed record PictureSource
{
    /// <summary>The file's bytes, where they were given. Text that is neither base64 nor a URL gives neither.</summary>
    public byte[]? Bytes { get; init; }

    /// <summary>The URL, where one was given.</summary>
    public string? Url { get; init; }

    /// <summary>The context that it is.</summary>
    /// <param name="field">What the request calls it.</param>
    /// <exception cref="KontextException"><see cref="ErrorCode.RequestInvalid"/>: it is no picture at all.</exception>
    internal ContextRequest ToContext(string field) =>
        Url is not null ? new() { Url = Url }
        : Bytes is not null ? new() { Image = new() { Bytes = Bytes } }
        : throw JsonBody.Invalid($"'{field}' is neither base64, nor a data URI in base64, nor a URL.", field);
}
