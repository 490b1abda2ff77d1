namespace Kontext.Outbound.Filters;

/// <summary>
/// Decides what may be asked for and shown. Add one to the services of a host to have it asked, besides the HTTP hooks that are
/// configured. One that throws is one that does not answer: nothing passes then.
/// </summary>
public interface IContentFilter
{
    /// <summary>Whether it is asked about something.</summary>
    bool Covers(FilterKind kind);

    /// <summary>Decides.</summary>
    Task<FilterAnswer> AskAsync(FilterQuestion question, CancellationToken cancellationToken);
}
