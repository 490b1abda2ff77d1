namespace Kontext.Gateway.Tests.Safety.Fuzz;

/// <summary>What came back.</summary>
/// <param name="Status">0: the connection was closed without an answer.</param>
/// <param name="ContentType">Without parameters.</param>
/// <param name="Body">As text; of a stream nothing.</param>
internal sealed record RawAnswer(int Status, string ContentType, string Body);
