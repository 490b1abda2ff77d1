namespace Kontext.Outbound.Filters;

/// <summary>The HTTP hooks; section <c>Filters</c> of the configuration.</summary>
public sealed record FilterOptions
{
    /// <summary>Name of the section.</summary>
    public const string Section = "Filters";

    /// <summary>Asked about prompts.</summary>
    public FilterHook Prompt { get; init; } = new();

    /// <summary>Asked about pictures in requests.</summary>
    public FilterHook Input { get; init; } = new();

    /// <summary>Asked about pictures that were made.</summary>
    public FilterHook Output { get; init; } = new();

    /// <summary>The hook of a kind.</summary>
    public FilterHook this[FilterKind kind] =>
        kind switch
        {
            FilterKind.Prompt => Prompt,
            FilterKind.Input => Input,
            _ => Output,
        };
}

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
