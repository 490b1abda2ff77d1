using System.Runtime.InteropServices;

namespace Kontext.Storage.Jobs;

/// <summary>A job's place in its tenant's list: by when it was accepted, and by id among those of one millisecond.</summary>
/// <param name="AcceptedMs">Milliseconds since 1970.</param>
/// <param name="Id">The job.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct JobPlace(long AcceptedMs, string Id);
