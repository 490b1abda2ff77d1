using System.Net;
using Kontext.Contracts;
using Minio.Exceptions;
using Polly;
using Polly.Retry;

namespace Kontext.Storage.Objects;

/// <summary>Which failures of an S3 server pass, for how long they are tried again, and what the rest is told as.</summary>
internal static class S3Failures
{
    /// <summary>A server in the same network answers in milliseconds.</summary>
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(2);

    /// <summary>The longest a request may take until its answer begins: the largest upload over a slow disk.</summary>
    public static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(60);

    /// <summary>
    /// 0.1 + 0.2 + 0.4 + 0.8 + 1.6 seconds: a gateway that is restarted comes back within that; whoever waits for longer
    /// is told, and decides for itself.
    /// </summary>
    private const int Retry = 5;

    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);

    /// <summary>Tries what may pass again.</summary>
    public static ResiliencePipeline Retries() =>
        new ResiliencePipelineBuilder()
            .AddRetry(
                new RetryStrategyOptions
                {
                    MaxRetryAttempts = Retry,
                    Delay = FirstDelay,
                    BackoffType = DelayBackoffType.Exponential,
                    UseJitter = true,
                    ShouldHandle = arguments => new(arguments.Outcome.Exception is { } error && MayPass(error)),
                }
            )
            .Build();

    /// <summary>Whether a failure is the server's, as opposed to the caller's wish to stop or a fault of this program.</summary>
    public static bool IsOfServer(Exception error, CancellationToken cancellationToken) =>
        error switch
        {
            OperationCanceledException => !cancellationToken.IsCancellationRequested,
            HttpRequestException or IOException or TimeoutException => true,
            _ => IsOfClient(error),
        };

    /// <summary>The failure as callers see it.</summary>
    public static KontextException Unavailable(ObjectStoreSettings settings, Exception error) =>
        new(
            ErrorCode.ServiceUnavailable,
            $"The object store at {settings.Endpoint.Authority} (ObjectStore:Endpoint) cannot be used: {Reason(settings, error)}.",
            error
        );

    /// <summary>What to do about a failure.</summary>
    public static string Advice(ObjectStoreSettings settings, Exception? error) =>
        error switch
        {
            not null when IsRefusal(error) =>
                $"Correct ObjectStore:AccessKey and ObjectStore:SecretKey, or let that key read, write, delete and list in the bucket '{settings.Bucket}'.",
            _ =>
                $"See that the server runs and can be reached from here ('curl -i {settings.Endpoint}'), or correct ObjectStore:Endpoint.",
        };

    private static bool IsRefusal(Exception error) =>
        error
            is AuthorizationException
                or AccessDeniedException
                or ForbiddenException
                or HttpRequestException { StatusCode: HttpStatusCode.Forbidden };

    /// <summary>Most of the client's exceptions have a base of their own, some have none.</summary>
    private static bool IsOfClient(Exception error) => error.GetType().Namespace == typeof(MinioException).Namespace;

    private static bool MayPass(Exception error) =>
        error switch
        {
            HttpRequestException { StatusCode: { } status } => IsOfServer(status),
            HttpRequestException or IOException or TimeoutException => true,
            // The client's own way to say that an answer came without a body, or none at all.
            ConnectionException or UnexpectedMinioException or InternalClientException => true,
            MinioException other => other.ServerResponse is { } answer && IsOfServer(answer.StatusCode),
            _ => false,
        };

    private static bool IsOfServer(HttpStatusCode status) =>
        status
            is >= HttpStatusCode.InternalServerError
                or HttpStatusCode.RequestTimeout
                or HttpStatusCode.TooManyRequests;

    private static string Reason(ObjectStoreSettings settings, Exception error) =>
        error switch
        {
            _ when IsRefusal(error) =>
                $"it refuses access with ObjectStore:AccessKey '{settings.AccessKey}' and its ObjectStore:SecretKey",
            BucketNotFoundException => $"it has no bucket '{settings.Bucket}' (ObjectStore:Bucket)",
            OperationCanceledException or TimeoutException => "it did not answer in time",
            _ => error.Message.TrimEnd('.'),
        };
}
