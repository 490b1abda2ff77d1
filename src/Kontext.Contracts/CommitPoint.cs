using System.Diagnostics;
using System.Globalization;

namespace Kontext.Contracts;

/// <summary>
/// The moments at which something has just become true for good, and not yet anything that follows from it: where a crash
/// would hurt most. A test names one in the environment variable KONTEXT_CRASH_AT, as <c>name:n</c>, and the process dies there
/// when it passes for the n-th time, as if killed. Otherwise this does nothing.
/// </summary>
public static class CommitPoint
{
    /// <summary>The spec is stored under <c>pending/</c>; nobody has been told.</summary>
    public const string Accept = "accept";

    /// <summary>New states are saved; their effects have not begun.</summary>
    public const string Save = "save";

    /// <summary>A task has been sent to its lane.</summary>
    public const string Effects = "effects";

    /// <summary>A worker holds a claim and has not begun.</summary>
    public const string Claim = "claim";

    /// <summary>The pointer to a checkpoint has moved.</summary>
    public const string Checkpoint = "checkpoint";

    /// <summary>A claim is finished; its report has not been sent.</summary>
    public const string Result = "result";

    /// <summary>The terminal record is written; the outcome is not shown.</summary>
    public const string Finish = "finish";

    private static readonly string? Target = Environment.GetEnvironmentVariable("KONTEXT_CRASH_AT");
    private static int _passed;

    /// <summary>Every name above.</summary>
    public static IReadOnlyList<string> All { get; } = [Accept, Save, Effects, Claim, Checkpoint, Result, Finish];

    /// <summary>Says that a commit point is passed.</summary>
    public static void Passed(string name)
    {
        if (Target is null || !Target.StartsWith($"{name}:", StringComparison.Ordinal))
        {
            return;
        }
        var wanted = int.Parse(Target.AsSpan(name.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture);
        if (Interlocked.Increment(ref _passed) == wanted)
        {
            // SIGKILL: nothing is flushed, closed or said.
            Process.GetCurrentProcess().Kill();
            Thread.Sleep(Timeout.Infinite);
        }
    }
}
