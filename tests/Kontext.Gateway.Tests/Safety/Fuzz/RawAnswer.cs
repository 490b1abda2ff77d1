namespace Kontext.Gateway.Tests.Safety.Fuzz;

/// <summary>What came back.</summary>
/// <param name="Status">0: the connection was closed without an answer.</param>
/// <param name="ContentType">Of a refusal, without parameters.</param>
/// <param name="Body">Of a refusal, as text.</param>
internal sealed record RawAnswer(int Status, string ContentType, string Body);
