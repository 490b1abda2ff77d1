using System.Collections.Concurrent;

namespace Kontext.Contracts.Telemetry;

/// <summary>
/// Which tenants have a label of their own in metrics: the first that a process meets, for every one costs series. The rest
/// share one.
/// </summary>
/// <param name="most">How many have one of their own.</param>
public sealed class TenantLabels(int most)
{
    /// <summary>How many unless told otherwise: some thousand series.</summary>
    public const int UsualMost = 50;

    /// <summary>The label of all others; it cannot be a tenant's id.</summary>
    public const string Other = "_other";

    private readonly ConcurrentDictionary<string, bool> _known = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private volatile bool _isFull;

    /// <summary>The label of a tenant.</summary>
    public string Of(string tenant)
    {
        if (_known.ContainsKey(tenant))
        {
            return tenant;
        }
        if (_isFull)
        {
            return Other;
        }
        lock (_lock)
        {
            _isFull = _known.Count >= most;
            return !_isFull && _known.TryAdd(tenant, true) || _known.ContainsKey(tenant) ? tenant : Other;
        }
    }
}
