using Kontext.Contracts.Messages;

namespace Kontext.Storage.Signals;

/// <summary>One thing that happened to a job.</summary>
public abstract record JobSignal
{
    private JobSignal() { }

    /// <summary>The record was saved in this version.</summary>
    public sealed record Saved(long Version) : JobSignal;

    /// <summary>A sample took steps.</summary>
    public sealed record Stepped(JobProgress Progress) : JobSignal;

    /// <summary>
    /// There is a preview of a sample. It stands for the latest one: what a slow reader has not taken, the next replaces.
    /// </summary>
    public sealed record Previewed : JobSignal
    {
        private JobProgress? _latest;

        /// <summary>Puts the latest preview in place of the one before.</summary>
        /// <returns>Whether that one had been taken, so that this has to be told.</returns>
        public bool Put(JobProgress preview) => Interlocked.Exchange(ref _latest, preview) is null;

        /// <summary>Takes the latest preview; null if it has been taken.</summary>
        public JobProgress? Take() => Interlocked.Exchange(ref _latest, null);
    }
}
