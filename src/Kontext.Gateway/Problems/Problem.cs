using Kontext.Contracts;

namespace Kontext.Gateway.Problems;

/// <summary>A failure that a client is to be told.</summary>
/// <param name="Code">Which of the closed set.</param>
/// <param name="Detail">One sentence.</param>
/// <param name="Status">HTTP status; that of the code, unless HTTP itself refuses.</param>
/// <param name="Field">The field at fault, where it is known.</param>
internal sealed record Problem(ErrorCode Code, string Detail, int Status, string? Field = null);
