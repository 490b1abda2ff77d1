using System.Globalization;
using Kontext.Contracts;
using Kontext.Gateway.Requests;
using Kontext.Storage.Jobs;
using Microsoft.AspNetCore.Http;

namespace Kontext.Gateway.Jobs.Lists;

/// <summary>Which of a tenant's jobs are asked for. Null: whichever.</summary>
/// <param name="Status">Where they are.</param>
/// <param name="Model">Name of their model.</param>
/// <param name="Session">First job of the chain they are of.</param>
/// <param name="CreatedAfter">Accepted later than this.</param>
/// <param name="Limit">At most so many.</param>
/// <param name="After">Behind this place.</param>
internal sealed record JobListQuery(
    JobStatus? Status,
    string? Model,
    string? Session,
    DateTimeOffset? CreatedAfter,
    int Limit,
    JobPlace? After
)
{
    /// <summary>Most jobs of one answer.</summary>
    public const int MaxLimit = 100;

    private const int DefaultLimit = 20;

    private static readonly string[] Names = ["status", "model", "session", "created_after", "limit", "cursor"];

    /// <summary>Reads a query.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.RequestInvalid"/>: the message says what is wrong.</exception>
    public static JobListQuery Of(IQueryCollection query)
    {
        if (query.Keys.FirstOrDefault(key => !Names.Contains(key)) is not null)
        {
            throw Invalid($"A list takes {string.Join(", ", Names)}, and nothing else.");
        }
        return new(
            One(query, "status") is { } status ? ParseStatus(status) : null,
            One(query, "model"),
            One(query, "session"),
            One(query, "created_after") is { } time
                ? Rfc3339.TryParse(time, out var after)
                    ? after
                    : throw Invalid("'created_after' must be a time of RFC 3339, such as 2030-01-31T12:00:00Z.")
                : null,
            One(query, "limit") is { } limit ? ParseLimit(limit) : DefaultLimit,
            One(query, "cursor") is { } cursor ? JobCursor.Parse(cursor) : null
        );
    }

    private static string? One(IQueryCollection query, string name) =>
        query[name] switch
        {
            [] => null,
            [{ Length: > 0 } value] => value,
            _ => throw Invalid($"'{name}' takes one value."),
        };

    private static int ParseLimit(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
        && limit is >= 1 and <= MaxLimit
            ? limit
            : throw Invalid($"'limit' must be from 1 to {MaxLimit}.");

    private static JobStatus ParseStatus(string text)
    {
        foreach (var status in Enum.GetValues<JobStatus>())
        {
            if (Name(status) == text)
            {
                return status;
            }
        }
        throw Invalid($"'status' must be one of {string.Join(", ", Enum.GetValues<JobStatus>().Select(Name))}.");
    }

    private static string Name(JobStatus status) => status.ToString().ToLowerInvariant();

    private static KontextException Invalid(string message) => new(ErrorCode.RequestInvalid, message);
}
