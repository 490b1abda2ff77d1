namespace Kontext.Gateway.Tests.Safety.Fuzz;

/// <summary>What the gateway under test takes.</summary>
internal static class SafetyLimits
{
    public const int MaxBodyBytes = 4 << 20;

    /// <summary>All bodies at a time.</summary>
    public const int BodyMemoryBytes = 64 << 20;
}
