using Kontext.Cli.Commands;
using Kontext.Contracts;

namespace Kontext.Cli.Tests;

public sealed class BenchEngineTests(TinyModel model) : CommandTests(model)
{
    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1000000")]
    public void A_number_of_tries_that_makes_no_sense_is_refused(string tries) =>
        Run("bench", "engine", "--tries", tries).ShouldFailAs(ErrorCode.Usage, "--tries");

    [Fact]
    public void For_people_every_figure_is_there_with_its_unit() =>
        new EngineBenchReport(
            "kontext-tiny",
            [new("24-16-16", 8, 4, 100, 150, 1.5)],
            new(150, 0.8, 40, 30, 0.75),
            new(200, 8, 1, 20, 30, 15),
            new(50, 0, 100, 100),
            new(4, 5.25, 0.05, 0.0096),
            new(0.01, 0.0008, 10, 0.000004)
        )
            .ToText()
            .ReplaceLineEndings("\n")
            .ShouldBe(
                """
                kontext-tiny

                images of one shape, one at a time against all at once, in turns
                shape (text-target-context)  images  batch  steps/s alone  together   ratio
                24-16-16                          8      4          100.0     150.0    1.50

                mixed sizes at 80 % load       150: 30 ms in the mean, one after the other 40 ms: ratio 0.75
                urgent samples among others    200: at most 1 engine steps began without one between its arrival and its end
                                               8 steps in p50 20.0 ms, p99 30.0 ms; alone on the device 15.0 ms
                cancelled samples              50: at most 0 steps began with one after it was cancelled; 100 of 100 others finished
                engine's own time, batch 4     5.250 ms a step, of which 0.050 ms are not the model: 0.96 % of the model's
                a checkpoint on the device     0.0100 ms: 0.080 % of device time after every step, 0.00040 % every 10 s
                """.ReplaceLineEndings("\n")
            );
}
