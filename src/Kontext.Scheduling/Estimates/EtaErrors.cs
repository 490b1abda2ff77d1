using Kontext.Contracts.Jobs;

namespace Kontext.Scheduling.Estimates;

/// <summary>
/// How far off the ends are that are foretold of jobs at their acceptance: what was first said against what came, as a part of
/// the time that the job took. A term forgets it with its end: what the next one says of a job that is half done is no
/// prediction at acceptance, and nothing is made of it.
/// </summary>
internal sealed class EtaErrors
{
    /// <summary>Jobs whose errors the median is of: enough to be steady, few enough to tell of now.</summary>
    private const int Recent = 100;

    /// <summary>
    /// Estimates are made once a second, and a job is to be heard of first. Who is told its end later than this waited for more
    /// than that: behind all that is looked at, for a worker, or for a leader.
    /// </summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, DateTimeOffset> _foretold = new(StringComparer.Ordinal);
    private readonly Queue<double> _errors = new();

    /// <summary>The median over the latest jobs that succeeded, as a part of their time; null before there is one.</summary>
    public double? Median
    {
        get
        {
            double[] sorted = [.. _errors.Order()];
            return sorted.Length == 0 ? null : sorted[sorted.Length / 2];
        }
    }

    /// <summary>An end is foretold. The first of a job counts.</summary>
    public void Foretold(JobSpec spec, DateTimeOffset endsAt, DateTimeOffset now)
    {
        if (now - spec.AcceptedAt <= Soon)
        {
            _foretold.TryAdd(spec.Id, endsAt);
        }
    }

    /// <summary>A job has ended.</summary>
    /// <returns>How far off its end was foretold, as a part of the time it took; null if it was not, or it did not succeed.</returns>
    public double? Ended(JobRecord job)
    {
        if (
            !_foretold.Remove(job.Spec.Id, out var foretold)
            || job is not { Outcome: JobOutcome.Succeeded, FinishedAt: { } ended }
            || ended <= job.Spec.AcceptedAt
        )
        {
            return null;
        }
        var error = (foretold - ended).Duration() / (ended - job.Spec.AcceptedAt);
        _errors.Enqueue(error);
        if (_errors.Count > Recent)
        {
            _errors.Dequeue();
        }
        return error;
    }

    /// <summary>A job is not known any more.</summary>
    public void Forget(string job) => _foretold.Remove(job);
}
