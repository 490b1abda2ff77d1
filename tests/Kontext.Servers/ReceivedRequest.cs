namespace Kontext.Servers;

/// <summary>A request that a <see cref="LocalReceiver"/> has got.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Headers">Its headers, by names in any case.</param>
/// <param name="Body">Its body.</param>
public sealed record ReceivedRequest(string Path, IReadOnlyDictionary<string, string> Headers, string Body);
