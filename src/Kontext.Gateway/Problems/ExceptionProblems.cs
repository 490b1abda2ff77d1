using System.Globalization;
using Kontext.Contracts;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Kontext.Gateway.Problems;

/// <summary>Every failure as a problem with one of our codes, told in the shape of its endpoint.</summary>
internal sealed partial class ExceptionProblems(IOptions<GatewayOptions> options, ILogger<ExceptionProblems> logger)
    : IExceptionHandler
{
    /// <inheritdoc/>
    public async ValueTask<bool> TryHandleAsync(
        HttpContext context,
        Exception exception,
        CancellationToken cancellationToken
    )
    {
        var (code, detail, status) = exception switch
        {
            KontextException known => (known.Code, known.Message, known.Code.HttpStatus),
            BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => (
                ErrorCode.ImageTooLarge,
                $"The body is longer than the {options.Value.MaxBodyBytes} bytes that are taken.",
                StatusCodes.Status413PayloadTooLarge
            ),
            BadHttpRequestException bad => (ErrorCode.RequestInvalid, bad.Message, bad.StatusCode),
            // What the server says of a chunk's length that no number holds; of all else that is wrong with a body it says the above.
            IOException { InnerException: OverflowException } => (
                ErrorCode.RequestInvalid,
                "A chunk of the body has no length that can be.",
                StatusCodes.Status400BadRequest
            ),
            OperationCanceledException when context.RequestAborted.IsCancellationRequested => (
                ErrorCode.Cancelled,
                "The client has gone.",
                ErrorCode.Cancelled.HttpStatus
            ),
            _ => (ErrorCode.Internal, "The request could not be carried out.", ErrorCode.Internal.HttpStatus),
        };
        if (code == ErrorCode.Internal)
        {
            LogFault(exception, context.Request.Method, context.Request.Path);
        }
        else if (status >= StatusCodes.Status500InternalServerError)
        {
            LogFailure(context.Request.Method, context.Request.Path, code.Name, detail);
        }
        var field = (exception as KontextException)?.Field;
        await WriteAsync(context, new(code, detail, status, field), options.Value.RetryAfter);
        return true;
    }

    /// <summary>Answers for what HTTP itself refuses: paths, methods and media types that there are not.</summary>
    public static Task WriteStatusAsync(HttpContext context)
    {
        var status = context.Response.StatusCode;
        var request = context.Request;
        var detail = status switch
        {
            StatusCodes.Status404NotFound => $"There is nothing at {request.Path}.",
            StatusCodes.Status405MethodNotAllowed => $"{request.Path} does not take {request.Method}.",
            StatusCodes.Status415UnsupportedMediaType => $"{request.Path} takes application/json.",
            _ => $"{ReasonPhrases.GetReasonPhrase(status)}.",
        };
        return WriteAsync(context, new(ErrorCode.RequestInvalid, detail, status), retryAfter: null);
    }

    /// <summary>Answers for a request that took too long.</summary>
    public static Task WriteTimeoutAsync(HttpContext context)
    {
        var options = context.RequestServices.GetRequiredService<IOptions<GatewayOptions>>().Value;
        return WriteAsync(
            context,
            new(
                ErrorCode.ServiceUnavailable,
                $"The request took more than {options.RequestTimeout.TotalSeconds} seconds.",
                ErrorCode.ServiceUnavailable.HttpStatus
            ),
            options.RetryAfter
        );
    }

    private static Task WriteAsync(HttpContext context, Problem problem, TimeSpan? retryAfter)
    {
        if (
            retryAfter is { } time
            && problem.Status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable
        )
        {
            context.Response.Headers.RetryAfter = Math.Ceiling(time.TotalSeconds)
                .ToString(CultureInfo.InvariantCulture);
        }
        return IErrorShape.Of(context).WriteAsync(context, problem);
    }

    [LoggerMessage(LogLevel.Error, "{Method} {Path} failed")]
    private partial void LogFault(Exception error, string method, string path);

    [LoggerMessage(LogLevel.Warning, "{Method} {Path} failed as {Code}: {Reason}")]
    private partial void LogFailure(string method, string path, string code, string reason);
}
