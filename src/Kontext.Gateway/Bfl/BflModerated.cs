using Kontext.Gateway.Jobs;

namespace Kontext.Gateway.Bfl;

/// <summary>
/// Ids of requests that a filter has refused. Clients of Black Forest Labs look for that where results are, so they are given
/// something to look for; nothing is kept, for the id says it all.
/// </summary>
internal static class BflModerated
{
    private const string Prefix = "moderated-";

    /// <summary>An id for a request that was refused just now.</summary>
    public static string NewId() => Prefix + JobIds.Random();

    /// <summary>Whether an id is of such a request.</summary>
    public static bool Is(string id) =>
        id.StartsWith(Prefix, StringComparison.Ordinal) && JobIds.IsValid(id[Prefix.Length..]);
}
