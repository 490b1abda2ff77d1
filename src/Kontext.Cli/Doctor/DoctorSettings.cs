using Kontext.Cli.Serve;

namespace Kontext.Cli.Doctor;

/// <summary>What is to be looked at, and how.</summary>
/// <param name="Serve">The process that is going to serve, its models not opened.</param>
/// <param name="Models">Names or folders of its models.</param>
/// <param name="Limit">How long a checkup may take.</param>
internal sealed record DoctorSettings(ServeSettings Serve, IReadOnlyList<string> Models, TimeSpan Limit);
