using System.Globalization;
using System.Runtime.InteropServices;

namespace Kontext.Contracts.Tasks;

/// <summary>A stage task within its job.</summary>
/// <param name="Stage">The kind of work.</param>
/// <param name="Sample">Index of the sample; 0 for encode.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct TaskId(Stage Stage, int Sample)
{
    /// <summary>The encode task.</summary>
    public static TaskId Encode { get; } = new(Stage.Encode, 0);

    /// <summary>For example <c>encode.0</c> or <c>denoise.3</c>.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Stage.ToString().ToLowerInvariant()}.{Sample}");

    /// <summary>The id of a text that <see cref="ToString"/> gave.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static TaskId Parse(string text)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        return
            dot > 0
            && Enum.TryParse<Stage>(text.AsSpan(0, dot), ignoreCase: true, out var stage)
            && int.TryParse(text.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var sample)
            && new TaskId(stage, sample) is var task
            // One task has one text: no stage by number, no capitals, no zeros in front.
            && task.ToString() == text
            && Enum.IsDefined(stage)
            ? task
            : throw new FormatException($"'{text}' is no task.");
    }
}
