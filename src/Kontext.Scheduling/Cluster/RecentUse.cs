using System.Runtime.InteropServices;

namespace Kontext.Scheduling.Cluster;

/// <summary>
/// Who has had the devices lately: device time that fades, so that there is one number for each tenant and no history. For
/// people; what tenants are owed is the queue's business.
/// </summary>
internal sealed class RecentUse
{
    /// <summary>What was used so long ago counts half: some images of a large model, and a share that moves while one looks.</summary>
    private static readonly TimeSpan HalfLife = TimeSpan.FromMinutes(5);

    /// <summary>Faded to so little, it is nothing.</summary>
    private const double LeastMs = 1;

    private readonly Dictionary<string, Use> _tenants = new(StringComparer.Ordinal);

    /// <summary>A tenant has had device time.</summary>
    public void Charge(string tenant, double ms, DateTimeOffset now)
    {
        ref var use = ref CollectionsMarshal.GetValueRefOrAddDefault(_tenants, tenant, out _);
        use = new(use.FadedMs(now) + ms, now);
    }

    /// <summary>What part of everybody's each tenant has had, 0 to 1; those that have had none are not listed.</summary>
    public IReadOnlyDictionary<string, double> Shares(DateTimeOffset now)
    {
        var faded = _tenants.ToDictionary(tenant => tenant.Key, tenant => tenant.Value.FadedMs(now));
        foreach (var (tenant, ms) in faded)
        {
            if (ms < LeastMs)
            {
                _tenants.Remove(tenant);
                faded.Remove(tenant);
            }
        }
        var all = faded.Values.Sum();
        return faded.ToDictionary(tenant => tenant.Key, tenant => tenant.Value / all);
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Use(double Ms, DateTimeOffset At)
    {
        public double FadedMs(DateTimeOffset now) =>
            Ms == 0 ? 0 : Ms * Math.Pow(2, -Math.Max(0, (now - At) / HalfLife));
    }
}
