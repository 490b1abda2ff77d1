using System.Runtime.InteropServices;
using Kontext.Contracts.Jobs;

namespace Kontext.Worker.Devices;

/// <summary>What decides which of several pieces of work goes first.</summary>
/// <param name="Priority">How urgent the job is.</param>
/// <param name="Deadline">When it is worth nothing any more.</param>
/// <param name="ManyTurns">Whether it comes back for one turn after another.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Urgency(Priority Priority, DateTimeOffset? Deadline, bool ManyTurns)
{
    /// <summary>
    /// What is smallest goes first: higher priority, then earlier deadline, then work of one turn before work of many, so that
    /// an image is decoded before the next one takes all its steps.
    /// </summary>
    public (Priority, DateTimeOffset, bool) Order => (Priority, Deadline ?? DateTimeOffset.MaxValue, ManyTurns);
}
