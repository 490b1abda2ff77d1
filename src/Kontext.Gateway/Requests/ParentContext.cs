using Kontext.Contracts;

namespace Kontext.Gateway.Requests;

/// <summary>
/// The image that a next turn starts from. It is the first context; where contexts are listed as well, the first of them has to
/// be that image, so that nobody has to guess which of two is edited.
/// </summary>
internal static class ParentContext
{
    /// <summary>The contexts of a request, with its parent's image in front.</summary>
    /// <exception cref="KontextException"><see cref="ErrorCode.RequestInvalid"/>.</exception>
    public static IReadOnlyList<ContextRequest?> Contexts(JobRequest request)
    {
        var given = request.Context ?? [];
        if (request.Parent is not { } parent)
        {
            return request.ParentImage is null ? given : throw Invalid("'parent_image' needs a 'parent'.");
        }
        var number = request.ParentImage ?? 0;
        return given switch
        {
            [] =>
            [
                new()
                {
                    Job = parent,
                    Image = new() { Number = number },
                },
            ],
            [{ Job: { } job, Image.Number: { } image }, ..] when job == parent && image == number => given,
            _ => throw Invalid(
                $"With 'parent', 'context' is left out, or begins with {{\"job\": \"{JobIdOrWhat(parent)}\", \"image\": {number}}}."
            ),
        };
    }

    private static string JobIdOrWhat(string parent) => Jobs.JobIds.IsValid(parent) ? parent : "…";

    private static KontextException Invalid(string message) => new(ErrorCode.RequestInvalid, message);
}
