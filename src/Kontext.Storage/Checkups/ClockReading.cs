namespace Kontext.Storage.Checkups;

/// <summary>What another clock said, and what ours said before and after it was asked.</summary>
/// <param name="Before">Ours when it was asked.</param>
/// <param name="Theirs">What it said.</param>
/// <param name="After">Ours when its answer had come.</param>
/// <param name="Resolution">The least difference that it tells: what it said lasted for so long.</param>
internal sealed record ClockReading(
    DateTimeOffset Before,
    DateTimeOffset Theirs,
    DateTimeOffset After,
    TimeSpan Resolution
)
{
    /// <summary>How far ours is ahead of it; negative: behind. The truth lies within <see cref="Doubt"/> of it.</summary>
    public TimeSpan Ahead => Before + ((After - Before) / 2) - (Theirs + (Resolution / 2));

    /// <summary>By how much <see cref="Ahead"/> may be off.</summary>
    public TimeSpan Doubt => ((After - Before) + Resolution) / 2;
}
