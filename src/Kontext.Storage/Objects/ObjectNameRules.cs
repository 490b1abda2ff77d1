using System.Text.RegularExpressions;

namespace Kontext.Storage.Objects;

/// <summary>
/// Which names an object may have: parts of letters, digits, dots, dashes and underscores, none of which begins with a dot,
/// between slashes. So no name leaves its folder, and every name is the same in a folder, in S3 and in a URL.
/// </summary>
internal static partial class ObjectNameRules
{
    /// <summary>S3's own limit.</summary>
    private const int Longest = 1024;

    /// <exception cref="ArgumentException">The name is not allowed.</exception>
    public static void Check(string name)
    {
        if (name.Length > Longest || !Name().IsMatch(name))
        {
            throw new ArgumentException($"'{name}' is no name of an object.", nameof(name));
        }
    }

    /// <exception cref="ArgumentException">No name that is allowed begins so.</exception>
    public static void CheckPrefix(string prefix)
    {
        if (prefix.Length > Longest || !Prefix().IsMatch(prefix))
        {
            throw new ArgumentException($"'{prefix}' begins no name of an object.", nameof(prefix));
        }
    }

    [GeneratedRegex(@"^[\w-][\w.-]*(/[\w-][\w.-]*)*\z", RegexOptions.ECMAScript)]
    private static partial Regex Name();

    [GeneratedRegex(@"^([\w-][\w.-]*/)*([\w-][\w.-]*)?\z", RegexOptions.ECMAScript)]
    private static partial Regex Prefix();
}
