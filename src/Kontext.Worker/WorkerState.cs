namespace Kontext.Worker;

/// <summary>Where a worker is in its life.</summary>
internal enum WorkerState
{
    /// <summary>It loads its models, or waits for the servers it needs.</summary>
    Starting,

    /// <summary>It takes tasks.</summary>
    Accepting,

    /// <summary>It shuts down.</summary>
    Draining,

    /// <summary>Its device fails; it takes nothing until it is started again.</summary>
    DeviceSick,
}
