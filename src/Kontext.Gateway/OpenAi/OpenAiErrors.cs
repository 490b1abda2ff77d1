using Kontext.Contracts;
using Kontext.Gateway.Problems;
using Microsoft.AspNetCore.Http;

namespace Kontext.Gateway.OpenAi;

/// <summary>Failures as clients of OpenAI expect them: <c>{"error": {message, type, param, code}}</c>.</summary>
internal sealed class OpenAiErrors : IErrorShape
{
    /// <summary>The fields that codes are about, where the refusal itself does not say.</summary>
    private static readonly Dictionary<ErrorCode, string> Fields = new()
    {
        [ErrorCode.PromptEmpty] = "prompt",
        [ErrorCode.PromptTooLong] = "prompt",
        [ErrorCode.StepsOutOfRange] = "steps",
        [ErrorCode.GuidanceOutOfRange] = "guidance",
        [ErrorCode.CountOutOfRange] = "n",
        [ErrorCode.SizeInvalid] = "size",
        [ErrorCode.ModelNotFound] = "model",
        [ErrorCode.TooManyContexts] = "image",
        [ErrorCode.ImageUnreadable] = "image",
    };

    /// <summary>OpenAI's clients send again after a timeout, unless they are told not to.</summary>
    private const string ShouldRetry = "x-should-retry";

    private OpenAiErrors() { }

    public static OpenAiErrors Instance { get; } = new();

    /// <summary>The body that tells a problem.</summary>
    public static OpenAiFailure Of(Problem problem) =>
        new(
            new(
                problem.Detail,
                Kind(problem),
                problem.Field ?? Fields.GetValueOrDefault(problem.Code),
                IsModerated(problem) ? "moderation_blocked" : problem.Code.Name
            )
        );

    /// <inheritdoc/>
    public Task WriteAsync(HttpContext context, Problem problem)
    {
        if (problem.Code == ErrorCode.StillRunning)
        {
            context.Response.Headers[ShouldRetry] = "false";
        }
        return TypedResults
            .Json(Of(problem), OpenAiJson.Default.OpenAiFailure, statusCode: problem.Status)
            .ExecuteAsync(context);
    }

    private static string Kind(Problem problem) =>
        IsModerated(problem)
            ? "image_generation_user_error"
            : problem.Status switch
            {
                StatusCodes.Status402PaymentRequired => "insufficient_quota",
                StatusCodes.Status429TooManyRequests => "rate_limit_error",
                >= StatusCodes.Status500InternalServerError => "server_error",
                _ => "invalid_request_error",
            };

    /// <summary>Clients look for OpenAI's own word for it.</summary>
    private static bool IsModerated(Problem problem) =>
        problem.Code == ErrorCode.RequestModerated || problem.Code == ErrorCode.ContentModerated;
}
