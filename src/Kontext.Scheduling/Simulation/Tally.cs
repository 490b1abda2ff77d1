using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;

namespace Kontext.Scheduling.Simulation;

/// <summary>Counts what happens in a simulation. Times are milliseconds.</summary>
internal sealed class Tally(Scenario scenario)
{
    private readonly Dictionary<int, Waiting> _open = [];
    private readonly Dictionary<Priority, List<(double WaitMs, double LatencyMs)>> _classes = [];
    private readonly Dictionary<string, double> _tenants = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _waiting = new(StringComparer.Ordinal);
    private readonly Dictionary<string, double> _contended = new(StringComparer.Ordinal);
    private readonly HashSet<string> _expectedTenants =
    [
        .. scenario.Loads.SelectMany(load =>
            load.Trace.Count > 0 ? load.Trace.Select(job => job.Tenant) : [load.Tenant]
        ),
    ];

    /// <summary>Shares are of tenants that compete: several, and in one priority class.</summary>
    private readonly bool _competes =
        scenario
            .Loads.SelectMany(load => load.Trace.Count > 0 ? load.Trace.Select(job => job.Priority) : [load.Priority])
            .Distinct()
            .Count() == 1;
    private readonly List<double> _etaErrors = [];
    private bool _contention;
    private bool _contentionOver;
    private int _withGoal;
    private int _reached;
    private int _images;
    private int _failed;
    private double? _countedFromMs;
    private long _decisions;
    private TimeSpan _deciding;

    public void Accepted(Arrival arrival, double nowMs)
    {
        _open[arrival.Number] = new(nowMs);
        if (arrival.Number >= scenario.WarmUpJobs)
        {
            _countedFromMs ??= nowMs;
        }
        _waiting[arrival.Tenant] = _waiting.GetValueOrDefault(arrival.Tenant) + 1;
        _contention |=
            _competes
            && _expectedTenants.Count > 1
            && !_contentionOver
            && _expectedTenants.All(tenant => _waiting.GetValueOrDefault(tenant) > 0);
    }

    public void Estimated(Arrival arrival, TimeSpan? endsAt)
    {
        if (endsAt is { } at && arrival.Number >= scenario.WarmUpJobs)
        {
            _open[arrival.Number].EtaMs = at.TotalMilliseconds;
        }
    }

    public void Claimed(Arrival arrival, SimulatedWorker worker, double nowMs)
    {
        worker.FirstTaskMs ??= nowMs;
        if (_open.TryGetValue(arrival.Number, out var job))
        {
            job.BeganMs ??= nowMs;
        }
    }

    /// <summary>Device time that a tenant has had.</summary>
    public void Spent(string tenant, double ms, double nowMs)
    {
        if (nowMs >= _countedFromMs)
        {
            _tenants[tenant] = _tenants.GetValueOrDefault(tenant) + ms;
        }
        if (_contention)
        {
            _contended[tenant] = _contended.GetValueOrDefault(tenant) + ms;
        }
    }

    public void Ended(Arrival arrival, JobRecord record, double nowMs)
    {
        if (!_open.Remove(arrival.Number, out var job))
        {
            return;
        }
        if (!job.Denoises)
        {
            Left(arrival.Tenant);
        }
        if (arrival.Number < scenario.WarmUpJobs)
        {
            return;
        }
        var latency = nowMs - job.AcceptedMs;
        var succeeded = record.Outcome == JobOutcome.Succeeded;
        _images += record.ImagesMade;
        _failed += succeeded ? 0 : 1;
        if (arrival.Load.SloS is { } goal)
        {
            _withGoal++;
            _reached += succeeded && latency <= goal * 1000 ? 1 : 0;
        }
        if (succeeded)
        {
            if (!_classes.TryGetValue(arrival.Priority, out var times))
            {
                _classes[arrival.Priority] = times = [];
            }
            times.Add(((job.BeganMs ?? nowMs) - job.AcceptedMs, latency));
            if (job.EtaMs is { } eta && latency > 0)
            {
                _etaErrors.Add(Math.Abs(eta - nowMs) / latency);
            }
        }
    }

    /// <summary>A task has been released: of a tenant whose samples have all been, nothing waits that counts.</summary>
    public void Released(Arrival arrival, Stage stage)
    {
        _decisions++;
        if (stage == Stage.Denoise && _open.TryGetValue(arrival.Number, out var job) && !job.Denoises)
        {
            job.Denoises = true;
            Left(arrival.Tenant);
        }
    }

    public void DecidedIn(TimeSpan time) => _deciding += time;

    public SimulationReport Report(double endMs, IReadOnlyList<SimulatedWorker> workers)
    {
        var from = _countedFromMs ?? 0;
        var seconds = Math.Max(endMs - from, 1) / 1000;
        var weights = scenario.Tenants.ToDictionary(tenant => tenant.Name, tenant => tenant.Weight);
        var all = _tenants.Values.Sum();
        var cost = workers.Sum(worker => worker.Kind.CostPerHour * Hours(worker, endMs));
        return new()
        {
            SimulatedS = endMs / 1000,
            Jobs = _classes.Values.Sum(times => times.Count),
            Failed = _failed,
            ImagesPerSecond = _images / seconds,
            Classes = [.. from line in _classes orderby line.Key select ClassReport.Of(line.Key, line.Value)],
            MeanLatencyS =
                _classes.Count == 0
                    ? 0
                    : _classes.Values.SelectMany(times => times).Average(time => time.LatencyMs) / 1000,
            SloAttained = _withGoal == 0 ? null : (double)_reached / _withGoal,
            Tenants =
            [
                .. from tenant in _tenants
                orderby tenant.Key
                select new TenantReport(
                    tenant.Key,
                    tenant.Value / 1000,
                    tenant.Value / all,
                    _contended.TryGetValue(tenant.Key, out var ms) ? ms / _contended.Values.Sum() : null
                ),
            ],
            JainIndex =
                _contended.Count < 2
                    ? null
                    : Simulation.JainIndex.Of(
                        _contended.Select(one => one.Value / weights.GetValueOrDefault(one.Key, 1))
                    ),
            Utilization =
                workers.Sum(worker => worker.BusyMs)
                / Math.Max(1, workers.Sum(worker => Hours(worker, endMs) * 3_600_000)),
            Cost = cost,
            CostPerThousandImages = _images == 0 || cost == 0 ? null : cost / _images * 1000,
            MedianEtaError = _etaErrors.Count == 0 ? null : ClassReport.Percentile([.. _etaErrors.Order()], 0.5),
            Decisions = _decisions,
            DecisionsPerSecond = _deciding > TimeSpan.Zero ? _decisions / _deciding.TotalSeconds : 0,
            LongestIdleStartMs = workers
                .Where(worker => worker.Kind.FromS > 0 && worker.FirstTaskMs is not null)
                .Select(worker => worker.FirstTaskMs - worker.UpMs)
                .Max(),
        };
    }

    private static double Hours(SimulatedWorker worker, double endMs) =>
        Math.Max(0, Math.Min(endMs, (worker.Kind.UntilS ?? double.PositiveInfinity) * 1000) - worker.Kind.FromS * 1000)
        / 3_600_000;

    private void Left(string tenant)
    {
        if (--_waiting[tenant] == 0 && _contention)
        {
            (_contention, _contentionOver) = (false, true);
        }
    }

    private sealed class Waiting(double acceptedMs)
    {
        public double AcceptedMs => acceptedMs;
        public double? BeganMs { get; set; }

        /// <summary>Encoding is short and goes ahead of all: a job that is not denoised waits for what counts.</summary>
        public bool Denoises { get; set; }
        public double? EtaMs { get; set; }
    }
}
