using System.Globalization;
using System.Text;
using Kontext.Scheduling.Simulation;

namespace Kontext.Cli.Commands;

/// <summary>What <c>kontext bench fairness</c> has measured.</summary>
/// <param name="Workers">Workers that denoised.</param>
/// <param name="Scenarios">Who competed, and what each got.</param>
internal sealed record FairnessBenchReport(int Workers, IReadOnlyList<FairnessBenchResult> Scenarios)
{
    /// <summary>More tenants than this are told by the extremes alone.</summary>
    private const int MostShown = 4;

    /// <summary>Whether everything holds that must.</summary>
    public bool Holds => Scenarios.All(scenario => scenario.Holds);

    /// <summary>For people.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        var rows = CultureInfo.InvariantCulture;
        text.Append(rows, $"device time of {Workers} workers while every tenant had work that waited");
        foreach (var scenario in Scenarios)
        {
            text.AppendLine().AppendLine();
            text.AppendLine(rows, $"{scenario.Name}, {scenario.Seconds:0.0} s");
            text.AppendLine("tenant      weight   jobs  device-s   share     due      off");
            IEnumerable<FairnessBenchTenant> shown =
                scenario.Tenants.Count <= MostShown
                    ? scenario.Tenants
                    : [scenario.Tenants.MinBy(tenant => tenant.Off)!, scenario.Tenants.MaxBy(tenant => tenant.Off)!];
            foreach (var tenant in shown)
            {
                text.AppendLine(
                    rows,
                    $"{tenant.Tenant, -10}  {tenant.Weight, 6}  {tenant.Jobs, 5}  {tenant.DeviceS, 8:0.00}  {tenant.Share, 6:0.0%}  {tenant.Due, 6:0.0%}  {tenant.Off, 7:+0.0%;-0.0%}"
                );
            }
            text.Append(
                rows,
                $"Jain {scenario.Jain:0.0000}, at most {scenario.MostOff:0.0%} off: {(scenario.Holds ? "holds" : "MISSED")} ({scenario.Bound})"
            );
        }
        return text.ToString();
    }
}

/// <summary>One scenario.</summary>
/// <param name="Name">For people.</param>
/// <param name="Seconds">How long all waited.</param>
/// <param name="Tenants">What each got.</param>
/// <param name="Jain">Jain's index of device time by weight: 1 if all have what is due to them.</param>
/// <param name="Bound">What must hold.</param>
/// <param name="Holds">Whether it does.</param>
internal sealed record FairnessBenchResult(
    string Name,
    double Seconds,
    IReadOnlyList<FairnessBenchTenant> Tenants,
    double Jain,
    string Bound,
    bool Holds
)
{
    /// <summary>The tenant that is furthest from what is due to it.</summary>
    public double MostOff => Tenants.Max(tenant => Math.Abs(tenant.Off));

    /// <summary>What was measured of a scenario.</summary>
    public static FairnessBenchResult Of(FairnessScenario scenario, FairnessShares shares)
    {
        var (all, weights) = (shares.DeviceMs.Values.Sum(), scenario.Tenants.Sum(tenant => tenant.Weight));
        FairnessBenchTenant[] tenants =
        [
            .. scenario.Tenants.Select(tenant => new FairnessBenchTenant(
                tenant.Id,
                tenant.Weight,
                tenant.Jobs,
                shares.DeviceMs[tenant.Id] / 1000,
                shares.DeviceMs[tenant.Id] / all,
                tenant.Weight / weights
            )),
        ];
        var jain = JainIndex.Of(tenants.Select(tenant => tenant.DeviceS / tenant.Weight));
        var most = tenants.Max(tenant => Math.Abs(tenant.Off));
        return new(
            scenario.Name,
            shares.Seconds,
            tenants,
            jain,
            scenario.LeastJain is { } least
                ? string.Create(CultureInfo.InvariantCulture, $"Jain at least {least}")
                : string.Create(CultureInfo.InvariantCulture, $"shares within {scenario.MostOff:0%} of what is due"),
            !(jain < scenario.LeastJain) && !(most > scenario.MostOff)
        );
    }
}

/// <summary>One tenant.</summary>
/// <param name="Tenant">Its id.</param>
/// <param name="Weight">Its weight.</param>
/// <param name="Jobs">Jobs it had waiting.</param>
/// <param name="DeviceS">Device time it got, in seconds.</param>
/// <param name="Share">Its share of the device time.</param>
/// <param name="Due">The share that its weight gives it.</param>
internal sealed record FairnessBenchTenant(
    string Tenant,
    double Weight,
    int Jobs,
    double DeviceS,
    double Share,
    double Due
)
{
    /// <summary>How far it is from what is due, as a part of that.</summary>
    public double Off => Share / Due - 1;
}
