namespace Kontext.Cli.Serve;

/// <summary>What one process of the cluster does.</summary>
[Flags]
internal enum ServeRole
{
    /// <summary>Takes requests and shows jobs.</summary>
    Gateway = 1,

    /// <summary>Decides what happens to jobs.</summary>
    Coordinator = 2,

    /// <summary>Computes.</summary>
    Worker = 4,

    /// <summary>Everything in one process.</summary>
    All = Gateway | Coordinator | Worker,
}
