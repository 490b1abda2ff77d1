using System.Text.Json.Serialization;

namespace Kontext.Gateway.Jobs;

/// <summary>Where a job is, as its owner sees it.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<JobStatus>))]
public enum JobStatus
{
    /// <summary>Nobody works on it yet.</summary>
    [JsonStringEnumMemberName("queued")]
    Queued,

    /// <summary>Prompt and contexts are being turned into tensors.</summary>
    [JsonStringEnumMemberName("encoding")]
    Encoding,

    /// <summary>Images are being denoised, or wait for it.</summary>
    [JsonStringEnumMemberName("denoising")]
    Denoising,

    /// <summary>Every image is denoised; the last are being decoded.</summary>
    [JsonStringEnumMemberName("decoding")]
    Decoding,

    /// <summary>Every image was made.</summary>
    [JsonStringEnumMemberName("succeeded")]
    Succeeded,

    /// <summary>An image could not be made.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,

    /// <summary>Its owner cancelled it.</summary>
    [JsonStringEnumMemberName("cancelled")]
    Cancelled,

    /// <summary>Its deadline passed.</summary>
    [JsonStringEnumMemberName("expired")]
    Expired,
}
