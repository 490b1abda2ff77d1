namespace Kontext.Outbound.Filters;

/// <summary>One HTTP hook.</summary>
public sealed record FilterHook
{
    /// <summary>Where to ask. The operator's own choice, so that it may be anywhere.</summary>
    /// <value>Null: nobody is asked.</value>
    public Uri? Url { get; init; }

    /// <summary>Sent as <c>Authorization: Bearer …</c>.</summary>
    public string? Secret { get; init; }

    /// <summary>How long one try may take; there are three.</summary>
    /// <value>5 seconds.</value>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    internal bool IsValid =>
        (Url is null || (Url.IsAbsoluteUri && Url.Scheme is "http" or "https")) && Timeout > TimeSpan.Zero;
}
