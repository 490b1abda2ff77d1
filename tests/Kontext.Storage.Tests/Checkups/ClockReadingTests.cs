using Kontext.Storage.Checkups;

namespace Kontext.Storage.Tests.Checkups;

public sealed class ClockReadingTests
{
    private static readonly DateTimeOffset Truth = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    /// <summary>However long the question and the answer take, and wherever in between the other clock is read.</summary>
    [Fact]
    public void What_is_read_is_never_further_off_than_its_doubt() =>
        Gen.Select(Gen.Int[0, 2000], Gen.Int[0, 2000], Gen.Int[-100_000, 100_000], Gen.Int[0, 999])
            .Sample(
                (there, back, ahead, part) =>
                {
                    var asked = Truth.AddMilliseconds(part);
                    var theirs = asked.AddMilliseconds(there);
                    var ours = TimeSpan.FromMilliseconds(ahead);
                    var reading = new ClockReading(
                        asked + ours,
                        // In whole seconds, as HTTP has it.
                        theirs.AddTicks(-(theirs.Ticks % TimeSpan.TicksPerSecond)),
                        theirs.AddMilliseconds(back) + ours,
                        TimeSpan.FromSeconds(1)
                    );
                    (reading.Ahead - ours).Duration().ShouldBeLessThanOrEqualTo(reading.Doubt);
                }
            );
}
