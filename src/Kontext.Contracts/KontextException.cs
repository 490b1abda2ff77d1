namespace Kontext.Contracts;

/// <summary>A failure with a stable code and a message for the person who caused or meets it.</summary>
public sealed class KontextException : Exception
{
    /// <summary>A failure of the given kind.</summary>
    /// <param name="code">The kind of failure.</param>
    /// <param name="message">One sentence that names the thing at fault, its value and what was expected.</param>
    /// <param name="inner">The cause, for logs.</param>
    public KontextException(ErrorCode code, string message, Exception? inner = null)
        : base(message, inner) => Code = code;

    /// <summary>The kind of failure.</summary>
    public ErrorCode Code { get; }

    /// <summary>The field of a request that is at fault, where it is one.</summary>
    public string? Field { get; init; }
}
