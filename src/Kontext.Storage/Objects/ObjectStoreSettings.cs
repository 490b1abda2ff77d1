namespace Kontext.Storage.Objects;

/// <summary>Where the S3 server is and who we are there.</summary>
internal sealed record ObjectStoreSettings
{
    /// <summary>For example <c>http://minio:9000</c>.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>Access key.</summary>
    public required string AccessKey { get; init; }

    /// <summary>Secret key.</summary>
    public required string SecretKey { get; init; }

    /// <summary>The bucket, made where it is absent.</summary>
    public string Bucket { get; init; } = "kontext";

    /// <summary>
    /// Region that requests are signed for. Naming it spares the question to the server, which every client would ask first.
    /// </summary>
    public string Region { get; init; } = "us-east-1";
}
