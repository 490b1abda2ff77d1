using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Kontext.Gateway.Problems;

/// <summary>How endpoints tell their failures. It is metadata of theirs; those without any tell problem details.</summary>
internal interface IErrorShape
{
    /// <summary>Answers with a problem.</summary>
    Task WriteAsync(HttpContext context, Problem problem);

    /// <summary>The shape of what a request was meant for, also after it has failed.</summary>
    static IErrorShape Of(HttpContext context)
    {
        // What handles exceptions takes the endpoint away, and keeps it here.
        var endpoint = context.Features.Get<IExceptionHandlerFeature>()?.Endpoint ?? context.GetEndpoint();
        return endpoint?.Metadata.GetMetadata<IErrorShape>() ?? NativeErrors.Instance;
    }
}
