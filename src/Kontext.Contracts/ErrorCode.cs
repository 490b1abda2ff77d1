using System.Collections.Immutable;
using System.Reflection;

namespace Kontext.Contracts;

/// <summary>
/// One kind of failure. The set is closed: every failure a user can meet is one of the static members,
/// with one meaning, one process exit code, one HTTP status and one line of advice.
/// </summary>
public sealed partial record ErrorCode
{
    private ErrorCode(string name, int exitCode, int httpStatus, string meaning, string advice)
    {
        Name = name;
        ExitCode = exitCode;
        HttpStatus = httpStatus;
        Meaning = meaning;
        Advice = advice;
    }

    /// <summary>Stable identifier in snake case, for programs.</summary>
    public string Name { get; }

    /// <summary>What the <c>kontext</c> command exits with: 1 internal, 2 input, 3 model, 4 output, 5 service, 130 cancelled.</summary>
    public int ExitCode { get; }

    /// <summary>The status an HTTP interface answers with.</summary>
    public int HttpStatus { get; }

    /// <summary>What has happened, in one sentence.</summary>
    public string Meaning { get; }

    /// <summary>What the user can do next, in one sentence.</summary>
    public string Advice { get; }

    /// <summary>The command line could not be understood.</summary>
    public static ErrorCode Usage { get; } =
        Input("usage", 400, "The command line could not be understood.", "Add --help to see what the command takes.");

    /// <summary>The user stopped the work.</summary>
    public static ErrorCode Cancelled { get; } = new("cancelled", 130, 499, "The work was stopped.", "Run it again.");

    /// <summary>A fault of this program.</summary>
    public static ErrorCode Internal { get; } =
        new("internal", 1, 500, "This is a fault of the program.", "Run again with KONTEXT_DEBUG=1 and report it.");

    /// <summary>Every code.</summary>
    public static ImmutableArray<ErrorCode> All => Listed.All;

    /// <summary>The code of a name, or null.</summary>
    public static ErrorCode? Find(string name) => All.FirstOrDefault(code => code.Name == name);

    /// <inheritdoc/>
    public override string ToString() => Name;

    private static ErrorCode Input(string name, int httpStatus, string meaning, string advice) =>
        new(name, 2, httpStatus, meaning, advice);

    /// <summary>Apart, for all codes must be there before they are listed.</summary>
    private static class Listed
    {
        public static ImmutableArray<ErrorCode> All { get; } =
        [
            .. typeof(ErrorCode)
                .GetProperties(BindingFlags.Public | BindingFlags.Static)
                .Where(property => property.PropertyType == typeof(ErrorCode))
                .Select(property => (ErrorCode)property.GetValue(null)!),
        ];
    }
}
