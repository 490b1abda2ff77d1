using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace Kontext.Cli;

/// <summary>Options whose errors name the option and the value, in a user's words.</summary>
internal static class Options
{
    /// <summary>An option that takes a number.</summary>
    public static Option<T?> Number<T>(string name, string description)
        where T : struct, INumber<T>, IMinMaxValue<T>
    {
        var isWhole = T.IsInteger(T.One / (T.One + T.One));
        // No thousands separators: whoever writes 2,5 for two and a half must not get 25.
        var style = isWhole ? NumberStyles.Integer : NumberStyles.Float;
        var kind = isWhole ? $"a whole number up to {T.MaxValue}" : "a number such as 2.5";
        return new(name)
        {
            Description = description,
            HelpName = isWhole ? "N" : "X",
            CustomParser = result =>
            {
                var text = result.Tokens[0].Value;
                if (T.TryParse(text, style, CultureInfo.InvariantCulture, out var value) && T.IsFinite(value))
                {
                    return value;
                }
                result.AddError($"{name} takes {kind}, not '{text}'.");
                return null;
            },
        };
    }

    /// <summary>An option that takes text, parsed when the command line is.</summary>
    public static Option<T?> Text<T>(string name, string helpName, string description, Func<string, T> parse)
        where T : struct =>
        new(name)
        {
            Description = description,
            HelpName = helpName,
            CustomParser = result => parse(result.Tokens[0].Value),
        };

    /// <summary>An option that takes a path or a name as it is.</summary>
    public static Option<string?> Text(string name, string helpName, string description) =>
        new(name) { Description = description, HelpName = helpName };

    /// <summary>A switch.</summary>
    public static Option<bool> Switch(string name, string description) => new(name) { Description = description };
}
