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
