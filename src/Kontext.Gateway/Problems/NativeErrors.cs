using Microsoft.AspNetCore.Http;

namespace Kontext.Gateway.Problems;

/// <summary>Problem details of RFC 9457, with the name of the code and its advice.</summary>
internal sealed class NativeErrors : IErrorShape
{
    private NativeErrors() { }

    public static NativeErrors Instance { get; } = new();

    /// <inheritdoc/>
    public Task WriteAsync(HttpContext context, Problem problem) =>
        TypedResults
            .Problem(
                problem.Detail,
                instance: null,
                problem.Status,
                title: problem.Code.Meaning,
                type: $"urn:kontext:error:{problem.Code.Name}",
                extensions: new Dictionary<string, object?>
                {
                    ["code"] = problem.Code.Name,
                    ["advice"] = problem.Code.Advice,
                }
            )
            .ExecuteAsync(context);
}
