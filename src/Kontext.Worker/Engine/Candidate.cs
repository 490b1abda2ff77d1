using System.Runtime.InteropServices;
using Kontext.Worker.Devices;

namespace Kontext.Worker.Engine;

/// <summary>Work that waits for the device, as far as it counts for who goes next.</summary>
/// <param name="Urgency">When it goes before other work.</param>
/// <param name="Arrival">Place in the order of arrival.</param>
/// <param name="WaitingSince">Since its last turn, or since it came, on the clock that <see cref="TurnChoice"/> is given.</param>
/// <param name="Key">With what it can share a step; null for work of one turn.</param>
/// <param name="IsAlone">Whether it must not share one: a batch with it has failed.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Candidate(
    Urgency Urgency,
    long Arrival,
    TimeSpan WaitingSince,
    BatchKey? Key,
    bool IsAlone
);
