using Kontext.Contracts;
using Kontext.Gateway.Problems;
using Microsoft.AspNetCore.Http;

namespace Kontext.Gateway.Bfl;

/// <summary>
/// Failures as clients of Black Forest Labs expect them: <c>{"detail": text}</c>, and for a request that is wrong 422 with the
/// list that FastAPI answers with.
/// </summary>
internal sealed class BflErrors : IErrorShape
{
    /// <summary>The fields that codes are about, where the refusal itself does not say.</summary>
    private static readonly Dictionary<ErrorCode, string> Fields = new()
    {
        [ErrorCode.PromptEmpty] = "prompt",
        [ErrorCode.PromptTooLong] = "prompt",
        [ErrorCode.StepsOutOfRange] = "steps",
        [ErrorCode.GuidanceOutOfRange] = "guidance",
    };

    private BflErrors() { }

    public static BflErrors Instance { get; } = new();

    /// <inheritdoc/>
    public Task WriteAsync(HttpContext context, Problem problem) =>
        problem.Status == StatusCodes.Status400BadRequest
            ? TypedResults
                .Json(
                    new BflInvalid([new(Place(problem), problem.Detail, problem.Code.Name)]),
                    BflJson.Default.BflInvalid,
                    statusCode: StatusCodes.Status422UnprocessableEntity
                )
                .ExecuteAsync(context)
            : TypedResults
                .Json(new BflFailure(problem.Detail), BflJson.Default.BflFailure, statusCode: problem.Status)
                .ExecuteAsync(context);

    private static string[] Place(Problem problem) =>
        (problem.Field ?? Fields.GetValueOrDefault(problem.Code)) is { } field ? ["body", field] : ["body"];
}
