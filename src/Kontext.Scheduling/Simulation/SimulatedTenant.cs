namespace Kontext.Scheduling.Simulation;

/// <summary>A tenant.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Weight">Its share relative to others'.</param>
/// <param name="MaxRunning">Jobs that may run at a time; null: any number.</param>
public sealed record SimulatedTenant(string Name, double Weight = 1, int? MaxRunning = null)
{
    internal string? Problem =>
        Weight > 0 && !(MaxRunning < 1) ? null : $"tenant '{Name}' has a weight or limit that is none";
}
