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
}
