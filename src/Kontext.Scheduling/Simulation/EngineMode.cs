namespace Kontext.Scheduling.Simulation;

/// <summary>How a simulated worker uses its device.</summary>
public enum EngineMode
{
    /// <summary>Samples of equal shape step together, and join and leave between steps.</summary>
    Steps,

    /// <summary>One sample after the other, each from its first step to its last.</summary>
    RunToCompletion,
}
