using System.Runtime.InteropServices;

namespace Kontext.Scheduling.Queues;

/// <summary>Ready tasks that go or wait together: if the first of them cannot go now, none can.</summary>
/// <param name="Pool">Where they go.</param>
/// <param name="Tenant">Whose they are.</param>
/// <param name="HasStarted">Whether their jobs run already: those of a tenant that has as many as it may still go on.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ReadyLine(LanePool Pool, string Tenant, bool HasStarted);
