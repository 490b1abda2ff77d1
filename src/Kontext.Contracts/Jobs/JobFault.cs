namespace Kontext.Contracts.Jobs;

/// <summary>Why something failed, as it travels and is stored.</summary>
/// <param name="Code">Name of an <see cref="ErrorCode"/>.</param>
/// <param name="Message">One sentence for the job's owner.</param>
public sealed record JobFault(string Code, string Message)
{
    /// <summary>The fault of an exception.</summary>
    public static JobFault Of(KontextException error) => new(error.Code.Name, error.Message);

    /// <summary>The code; one that this version does not know counts as internal.</summary>
    public ErrorCode Kind => ErrorCode.Find(Code) ?? ErrorCode.Internal;
}
