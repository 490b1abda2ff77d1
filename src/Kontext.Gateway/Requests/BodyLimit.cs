using Microsoft.AspNetCore.Http.Metadata;

namespace Kontext.Gateway.Requests;

/// <summary>Longest body that an endpoint takes, in bytes.</summary>
internal sealed record BodyLimit(long? MaxRequestBodySize) : IRequestSizeLimitMetadata;
