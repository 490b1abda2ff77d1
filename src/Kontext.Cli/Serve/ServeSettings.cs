using Kontext.Contracts.Tasks;
using Kontext.Flux.Bundles;
using Kontext.Flux.Sessions;

namespace Kontext.Cli.Serve;

/// <summary>What the command line says of a process that serves.</summary>
internal sealed record ServeSettings
{
    /// <summary>What it does.</summary>
    public required ServeRole Role { get; init; }

    /// <summary>Stages its worker takes.</summary>
    public required IReadOnlyList<Stage> Stages { get; init; }

    /// <summary>Where it listens; null: as configured, else on loopback.</summary>
    public string? Urls { get; init; }

    /// <summary>Where what is embedded keeps what must survive.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Models of its worker.</summary>
    public required IReadOnlyList<ModelBundle> Models { get; init; }

    /// <summary>The device of its worker.</summary>
    public required DeviceOptions Device { get; init; }

    /// <summary>Whether it says what it does, not only what goes wrong.</summary>
    public required bool Verbose { get; init; }
}
