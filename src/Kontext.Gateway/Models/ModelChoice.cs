using Kontext.Contracts;
using Kontext.Contracts.Jobs;

namespace Kontext.Gateway.Models;

/// <summary>Which model a request means.</summary>
internal static class ModelChoice
{
    /// <summary>The model that comes with the program.</summary>
    private const string Included = "kontext-tiny";

    /// <summary>
    /// Chooses by name. Of several models of one name it takes one that a live worker has, else the last: the one that the
    /// list ends with.
    /// </summary>
    /// <param name="asked">Name in the request, or null.</param>
    /// <param name="byDefault">Name for requests without one, or null.</param>
    /// <param name="served">Every model announced so far, the newest last.</param>
    /// <param name="live">What live workers have now.</param>
    /// <exception cref="KontextException">
    /// <see cref="ErrorCode.ServiceUnavailable"/>: none has ever been announced. <see cref="ErrorCode.ModelNotFound"/>.
    /// </exception>
    public static ServedModel Choose(
        string? asked,
        string? byDefault,
        IReadOnlyList<ServedModel> served,
        IReadOnlySet<ModelRef> live
    )
    {
        if (served.Count == 0)
        {
            throw new KontextException(ErrorCode.ServiceUnavailable, "No worker has announced a model yet.");
        }
        string[] names = [.. served.Select(model => model.Ref.Name).Distinct().Order(StringComparer.Ordinal)];
        var name = asked ?? byDefault ?? (names is [var only] ? only : Included);
        ServedModel[] named = [.. served.Where(model => model.Ref.Name == name)];
        return named.LastOrDefault(model => live.Contains(model.Ref))
            ?? named.LastOrDefault()
            ?? throw new KontextException(
                ErrorCode.ModelNotFound,
                asked is null
                    ? $"The request names no model, and there is no '{name}'. Known: {string.Join(", ", names)}."
                    : $"There is no model '{Shorten(asked)}'. Known: {string.Join(", ", names)}."
            );
    }

    private static string Shorten(string text) => text.Length <= 80 ? text : string.Concat(text.AsSpan(0, 80), "…");
}
