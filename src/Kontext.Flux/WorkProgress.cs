using System.Runtime.InteropServices;

namespace Kontext.Flux;

/// <summary>How far a piece of work is, in units that whoever reports it names: steps, pairs, megabytes.</summary>
/// <param name="Done">Units done.</param>
/// <param name="Total">Units in all.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct WorkProgress(int Done, int Total);
