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
        where T : struct, INumber<T> =>
        new(name)
        {
            Description = description,
            HelpName = T.IsInteger(T.One / (T.One + T.One)) ? "N" : "X",
            CustomParser = result =>
            {
                var text = result.Tokens[0].Value;
                if (T.TryParse(text, CultureInfo.InvariantCulture, out var value) && T.IsFinite(value))
                {
                    return value;
                }
                var kind = value is float or double ? "a number" : "a whole number";
                result.AddError($"{name} takes {kind}, not '{text}'.");
                return null;
            },
        };

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
