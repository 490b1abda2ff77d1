using System.Runtime.InteropServices;

namespace Kontext.Scheduling.Placements;

/// <summary>A worker that might do a task.</summary>
/// <param name="Worker">The worker.</param>
/// <param name="CostMs">Device time that the task takes there, in milliseconds.</param>
/// <param name="EndsMs">How long until it would be done there, in milliseconds.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Candidate(WorkerLoad Worker, double CostMs, double EndsMs);
