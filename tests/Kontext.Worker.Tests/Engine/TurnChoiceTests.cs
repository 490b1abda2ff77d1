using Kontext.Contracts.Jobs;
using Kontext.Worker.Devices;
using Kontext.Worker.Engine;

namespace Kontext.Worker.Tests.Engine;

public sealed class TurnChoiceTests
{
    private static readonly TimeSpan Now = TimeSpan.FromHours(1);
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly Gen<Candidate> AnyCandidate = Gen.Select(
        Gen.Int[0, 2],
        Gen.Int[0, 3],
        Gen.Int[0, 3],
        Gen.Int[0, 90],
        Gen.Bool,
        (priority, deadline, size, waited, alone) =>
            new Candidate(
                new((Priority)priority, deadline == 0 ? null : Noon.AddHours(deadline), ManyTurns: size > 0),
                Arrival: 0,
                Now - TimeSpan.FromSeconds(waited),
                size == 0 ? null : Key(size),
                alone && size > 0
            )
    );

    private static readonly Gen<Candidate[]> AnyWaiting = AnyCandidate
        .Array[0, 20]
        .Select(waiting => waiting.Select((one, i) => one with { Arrival = i }).ToArray());

    [Fact]
    public void Who_goes_together_can_and_nobody_outside_is_more_urgent_than_who_goes() =>
        Gen.Select(AnyWaiting, Gen.Int[1, 8])
            .Sample(
                (waiting, size) =>
                {
                    var choice = Next(waiting, size, lastRelief: Now);
                    if (waiting.Length == 0)
                    {
                        choice.Members.ShouldBeEmpty();
                        return;
                    }
                    Candidate[] members = [.. choice.Members.Select(place => waiting[place])];
                    members.Length.ShouldBeInRange(1, size);
                    choice.Members.ShouldBeUnique();
                    members.Select(member => member.Key).Distinct().Count().ShouldBe(1);
                    if (members.Length > 1)
                    {
                        members.ShouldAllBe(member => member.Key != null && !member.IsAlone);
                    }
                    members[0].ShouldBe(waiting.MinBy(Order));
                    Candidate[] left =
                    [
                        .. waiting
                            .Except(members)
                            .Where(one => members[0] is { Key: not null, IsAlone: false })
                            .Where(one => one.Key == members[0].Key && !one.IsAlone),
                    ];
                    // Of those that could have come along the most urgent did, and as many as were allowed.
                    (left.Length == 0 || members.Length == size).ShouldBeTrue();
                    left.ShouldAllBe(one => members.All(member => Order(member).CompareTo(Order(one)) < 0));
                }
            );

    [Fact]
    public void Who_has_waited_too_long_goes_once_in_as_long() =>
        AnyWaiting
            .Where(waiting => waiting.Length > 0)
            .Sample(waiting =>
            {
                var choice = Next(waiting, size: 4, lastRelief: Now - TurnChoice.LongestWait);
                var longest = waiting.Min(one => one.WaitingSince);
                var urgent = waiting.MinBy(Order);
                choice.IsRelief.ShouldBe(
                    Now - longest >= TurnChoice.LongestWait
                        && waiting.First(one => one.WaitingSince == longest) != urgent
                );
                if (choice.IsRelief)
                {
                    waiting[choice.Members[0]].WaitingSince.ShouldBe(longest);
                    Next(waiting, size: 4, lastRelief: Now - TurnChoice.LongestWait + TimeSpan.FromTicks(1))
                        .IsRelief.ShouldBeFalse();
                }
            });

    /// <summary>However much urgent work there is, everybody has a turn in the end; and it is next to none that others lose.</summary>
    [Fact]
    public void Nothing_starves_and_urgent_work_loses_next_to_nothing()
    {
        // Two of each kind that never end, and a turn takes half a second.
        Candidate[] waiting =
        [
            .. Enumerable
                .Range(0, 12)
                .Select(i => new Candidate(new((Priority)(i % 3), null, true), i, Now, Key(1 + (i / 3)), false)),
        ];
        var turns = new int[waiting.Length];
        var (now, lastRelief, relieved) = (Now, Now, 0);
        const int Turns = 2400;
        for (var turn = 0; turn < Turns; turn++)
        {
            now += TimeSpan.FromSeconds(0.5);
            var choice = TurnChoice.Next(waiting, now, lastRelief, (_, available) => available);
            lastRelief = choice.IsRelief ? now : lastRelief;
            relieved += choice.IsRelief ? 1 : 0;
            foreach (var member in choice.Members)
            {
                turns[member]++;
                waiting[member] = waiting[member] with { WaitingSince = now };
            }
        }
        turns.ShouldAllBe(count => count > 0);
        relieved.ShouldBeLessThanOrEqualTo((int)(Turns * 0.5 / TurnChoice.LongestWait.TotalSeconds));
    }

    private static TurnChoice Next(Candidate[] waiting, int size, TimeSpan lastRelief) =>
        TurnChoice.Next(waiting, Now, lastRelief, (_, _) => size);

    private static BatchKey Key(int size) => new(new("tiny", "digest"), new(8, size, 0, 1));

    private static ((Priority, DateTimeOffset, bool), bool, long) Order(Candidate one) =>
        (one.Urgency.Order, !one.IsAlone, one.Arrival);
}
