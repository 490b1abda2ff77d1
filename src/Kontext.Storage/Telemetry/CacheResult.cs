namespace Kontext.Storage.Telemetry;

/// <summary>What the tensor cache had.</summary>
internal enum CacheResult
{
    /// <summary>It was in this process, or on its way to it.</summary>
    Memory,

    /// <summary>It was in Redis.</summary>
    Shared,

    /// <summary>It has to be made.</summary>
    Miss,
}
