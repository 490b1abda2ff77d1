namespace Kontext.Cli.Top;

/// <summary>How a line is to stand out.</summary>
internal enum TopStyle
{
    /// <summary>Not at all.</summary>
    Plain,

    /// <summary>As the head of what is under it.</summary>
    Head,

    /// <summary>As something to look at.</summary>
    Alarm,
}
