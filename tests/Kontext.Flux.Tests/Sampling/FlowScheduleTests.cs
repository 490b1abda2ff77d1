using System.Text.Json;
using Kontext.Flux.Sampling;

namespace Kontext.Flux.Tests.Sampling;

public sealed class FlowScheduleTests
{
    [Fact]
    public void Schedules_agree_with_the_reference()
    {
        using var fixture = JsonDocument.Parse(File.ReadAllText(FixtureFile.PathOf("schedules.json")));
        foreach (var schedule in fixture.RootElement.GetProperty("shifted").EnumerateArray())
        {
            var (steps, tokens) = (schedule.GetProperty("steps").GetInt32(), schedule.GetProperty("seq").GetInt32());
            var expected = schedule.GetProperty("timesteps").EnumerateArray().Select(t => t.GetSingle()).ToArray();

            FlowSchedule.Sigmas(steps, tokens).ShouldBe(expected, 2e-7);
            ScheduleShift.Published.Mu(tokens).ShouldBe(schedule.GetProperty("mu").GetDouble(), 1e-12);
        }
    }

    [Fact]
    public void Without_a_shift_the_levels_are_evenly_spaced() =>
        FlowSchedule.Sigmas(4, 4096, shift: null).ShouldBe([1f, 0.75f, 0.5f, 0.25f, 0f], 1e-7);

    [Fact]
    public void Every_schedule_falls_strictly_from_one_to_zero() =>
        Gen.Select(Gen.Int[1, 200], Gen.Int[1, 20_000])
            .Sample(
                (steps, tokens) =>
                {
                    var sigmas = FlowSchedule.Sigmas(steps, tokens);
                    sigmas.Length.ShouldBe(steps + 1);
                    sigmas[0].ShouldBe(1f);
                    sigmas[^1].ShouldBe(0f);
                    sigmas.Zip(sigmas.Skip(1)).ShouldAllBe(pair => pair.First > pair.Second);
                },
                seed: "0000000000001",
                iter: Profile.Iterations(100)
            );

    [Theory]
    [InlineData(0, 256)]
    [InlineData(4, 0)]
    public void Schedules_of_nothing_are_refused(int steps, int tokens) =>
        Should.Throw<ArgumentOutOfRangeException>(() => FlowSchedule.Sigmas(steps, tokens));
}
