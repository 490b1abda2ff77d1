using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Kontext.Contracts;

namespace Kontext.Gateway.Requests;

/// <summary>Reads JSON that a client has sent; what it does not take is refused in words of the client's own fields.</summary>
internal static class JsonBody
{
    /// <summary>Forms of fields, for those who are told what was expected.</summary>
    public const string Number = "a number";

    /// <inheritdoc cref="Number"/>
    public const string Text = "text";

    /// <inheritdoc cref="Number"/>
    public const string WholeNumber = "a whole number";

    /// <inheritdoc cref="Number"/>
    public const string Flag = "true or false";

    /// <summary>Reads a body.</summary>
    /// <param name="body">The bytes.</param>
    /// <param name="type">What it is to be.</param>
    /// <param name="forms">What each field is, in words.</param>
    /// <exception cref="KontextException"><see cref="ErrorCode.RequestInvalid"/>.</exception>
    public static T Read<T>(ReadOnlySpan<byte> body, JsonTypeInfo<T> type, IReadOnlyDictionary<string, string> forms)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(body, type) ?? throw Invalid("The body must be a JSON object.", null);
        }
        catch (JsonException error)
        {
            throw Describe(error, forms);
        }
    }

    /// <summary>Refuses the first field that nobody knows.</summary>
    /// <param name="names">Names of such fields.</param>
    /// <param name="place">What stands before them.</param>
    /// <exception cref="KontextException"><see cref="ErrorCode.RequestInvalid"/>.</exception>
    public static void RefuseUnknown(IEnumerable<string>? names, string place)
    {
        if (names?.FirstOrDefault() is { } name)
        {
            throw Invalid($"There is no field '{place}{name}'.", $"{place}{name}");
        }
    }

    /// <summary>The refusal of a request for one of its fields.</summary>
    public static KontextException Invalid(string message, string? field, Exception? inner = null) =>
        new(ErrorCode.RequestInvalid, message, inner) { Field = field };

    private static KontextException Describe(JsonException error, IReadOnlyDictionary<string, string> forms)
    {
        // What the reader itself finds comes wrapped; what a field's type does not take does not.
        if (error.InnerException is JsonException || error.Path is null)
        {
            return Invalid(
                $"The body is not valid JSON, at line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}.",
                field: null,
                error
            );
        }
        var path = error.Path.TrimStart('$').TrimStart('.');
        var field = path.Split('.', '[')[0];
        return path.Length == 0
                ? Invalid("The body must be a JSON object, with no field given twice.", field: null, error)
            : forms.TryGetValue(field, out var form)
                ? Invalid($"'{path}' is not of its form: '{field}' is {form}.", path, error)
            : Invalid($"'{path}' cannot be read.", path, error);
    }
}
