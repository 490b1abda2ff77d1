using System.Diagnostics;
using Kontext.Contracts;
using Kontext.Contracts.Telemetry;
using Microsoft.Extensions.Logging;

namespace Kontext.Outbound.Filters;

/// <summary>Asks every filter there is. They fail closed: what nobody could decide on does not pass.</summary>
public sealed partial class ContentFilters
{
    private const int LongestCategory = 64;

    private readonly IContentFilter[] _filters;
    private readonly ILogger _logger;

    internal ContentFilters(IEnumerable<IContentFilter> filters, ILogger<ContentFilters> logger) =>
        (_filters, _logger) = ([.. filters], logger);

    /// <summary>Whether anybody is asked about something.</summary>
    public bool Cover(FilterKind kind) => _filters.Any(filter => filter.Covers(kind));

    /// <summary>Asks whether something may pass.</summary>
    /// <exception cref="KontextException">
    /// <see cref="ErrorCode.RequestModerated"/> or, for what was made, <see cref="ErrorCode.ContentModerated"/>: it may not.
    /// <see cref="ErrorCode.ServiceUnavailable"/>: a filter does not answer.
    /// </exception>
    public async Task CheckAsync(FilterQuestion question, CancellationToken cancellationToken)
    {
        foreach (var filter in _filters.Where(filter => filter.Covers(question.Kind)))
        {
            var answer = await AskAsync(filter, question, cancellationToken);
            if (!answer.Allow)
            {
                LogRefused(question.Kind, question.Job, question.Tenant, answer.Category);
                throw Refusal(question.Kind, answer.Category);
            }
        }
    }

    private async Task<FilterAnswer> AskAsync(
        IContentFilter filter,
        FilterQuestion question,
        CancellationToken cancellationToken
    )
    {
        using var span = JobTrace
            .Part(SpanName.Filter, ActivityKind.Client)
            ?.SetTag(SpanAttribute.FilterKind, Name(question.Kind));
        try
        {
            return await filter.AskAsync(question, cancellationToken);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            span.Fail(ErrorCode.ServiceUnavailable.Name);
            LogSilent(error, question.Kind);
            throw new KontextException(
                ErrorCode.ServiceUnavailable,
                $"The {Name(question.Kind)} filter does not answer, so nothing passes.",
                error
            );
        }
    }

    private static KontextException Refusal(FilterKind kind, string? category)
    {
        var why =
            category is { Length: > 0 and <= LongestCategory } && !category.Any(char.IsControl) ? $": {category}" : "";
        return kind switch
        {
            FilterKind.Prompt => new(ErrorCode.RequestModerated, $"The prompt was refused{why}."),
            FilterKind.Input => new(ErrorCode.RequestModerated, $"A picture of the request was refused{why}."),
            _ => new(ErrorCode.ContentModerated, $"The picture that was made was refused{why}."),
        };
    }

    private static string Name(FilterKind kind) => kind.ToString().ToLowerInvariant();

    [LoggerMessage(LogLevel.Information, "{Kind} of job {Job} of tenant {Tenant} was refused: {Category}")]
    private partial void LogRefused(FilterKind kind, string job, string tenant, string? category);

    [LoggerMessage(LogLevel.Error, "The filter of {Kind} does not answer")]
    private partial void LogSilent(Exception error, FilterKind kind);
}
