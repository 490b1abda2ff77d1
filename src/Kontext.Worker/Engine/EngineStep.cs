namespace Kontext.Worker.Engine;

/// <summary>A step that samples took together.</summary>
internal sealed class EngineStep : EventArgs
{
    /// <summary>Model and shape.</summary>
    public required BatchKey Key { get; init; }

    /// <summary>Who took it.</summary>
    public required IReadOnlyList<SampleWork> Samples { get; init; }

    /// <summary>How many samples the engine had, these among them.</summary>
    public required int Held { get; init; }

    /// <summary>How long the device was busy with it.</summary>
    public required TimeSpan Took { get; init; }
}
