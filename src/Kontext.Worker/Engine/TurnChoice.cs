using Kontext.Contracts.Jobs;

namespace Kontext.Worker.Engine;

/// <summary>Who has the next turn of the device: one piece of work of one turn, or samples that share a step.</summary>
/// <param name="Members">Places among those who wait, the most urgent first; empty if nobody waits.</param>
/// <param name="IsRelief">Whether they have it for having waited too long, in the place of somebody more urgent.</param>
internal sealed record TurnChoice(IReadOnlyList<int> Members, bool IsRelief)
{
    /// <summary>
    /// Whoever has waited so long for a turn has one, whatever else is there: nothing starves. And no more than one such turn
    /// in as long, so that urgent work loses next to nothing.
    /// </summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Chooses: the most urgent leads, by priority, deadline, work of one turn before samples, arrival. Those that can share
    /// its step come with it, in the same order, up to the size of the batch.
    /// </summary>
    /// <param name="waiting">Everybody.</param>
    /// <param name="now">Now, on the clock of <see cref="Candidate.WaitingSince"/>.</param>
    /// <param name="lastRelief">When somebody last went for having waited too long.</param>
    /// <param name="sizeOf">How many of so many that can share a step do.</param>
    public static TurnChoice Next(
        IReadOnlyList<Candidate> waiting,
        TimeSpan now,
        TimeSpan lastRelief,
        Func<BatchKey, int, int> sizeOf
    )
    {
        if (waiting.Count == 0)
        {
            return new([], IsRelief: false);
        }
        var (first, longest) = (0, 0);
        for (var i = 1; i < waiting.Count; i++)
        {
            first = Order(waiting[i]).CompareTo(Order(waiting[first])) < 0 ? i : first;
            longest = waiting[i].WaitingSince < waiting[longest].WaitingSince ? i : longest;
        }
        var relief =
            longest != first && now - waiting[longest].WaitingSince >= LongestWait && now - lastRelief >= LongestWait;
        var leader = relief ? longest : first;
        if (waiting[leader] is not { Key: { } key, IsAlone: false })
        {
            return new([leader], relief);
        }
        var group = new List<int>();
        for (var i = 0; i < waiting.Count; i++)
        {
            if (i != leader && waiting[i].Key == key && !waiting[i].IsAlone)
            {
                group.Add(i);
            }
        }
        group.Sort((one, other) => Order(waiting[one]).CompareTo(Order(waiting[other])));
        group.Insert(0, leader);
        var size = Math.Clamp(sizeOf(key, group.Count), 1, group.Count);
        group.RemoveRange(size, group.Count - size);
        return new(group, relief);
    }

    /// <summary>Who must go alone does so first among its like: then it is known who can go with others again.</summary>
    private static ((Priority, DateTimeOffset, bool) Urgency, bool, long Arrival) Order(Candidate candidate) =>
        (candidate.Urgency.Order, !candidate.IsAlone, candidate.Arrival);
}
