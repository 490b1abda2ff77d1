using System.Text.Json;
using Kontext.Cli.Simulation;
using Kontext.Contracts;
using Kontext.Flux.Bundles;
using Kontext.Scheduling.Simulation;

namespace Kontext.Cli.Tests.Simulation;

public sealed class SimulateCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("kontext-simulate-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Every_scenario_that_comes_with_the_program_can_be_used()
    {
        ScenarioFiles.Names.ShouldBe(["capacity", "failures", "fairness", "mixed", "thousand"]);
        foreach (var name in ScenarioFiles.Names)
        {
            ScenarioFiles.Read(name).Jobs.ShouldBeGreaterThan(0, name);
        }
    }

    [Fact]
    public void A_simulation_says_what_came_of_it_and_does_not_change()
    {
        var first = Run("mixed", "--jobs", "100", "--seed", "3", "--json").ShouldSucceed();
        var second = Run("mixed", "--jobs", "100", "--seed", "3", "--json").ShouldSucceed();
        static SimulationReport Read(CommandRun run) =>
            JsonSerializer.Deserialize(run.Out, ScenarioJson.Default.SimulationReport)!;
        (Read(first).SimulatedS, Read(first).Jobs).ShouldBe((Read(second).SimulatedS, 50));
        var text = Run("mixed", "--jobs", "100").ShouldSucceed().Out;
        text.ShouldContain("throughput");
        text.ShouldContain("a second of the scheduler's time");
        text.ShouldContain("100000 waiting");
    }

    [Fact]
    public void A_sweep_finds_the_fewest_workers_that_are_enough()
    {
        var text = Run("capacity", "--sweep", "--jobs", "200").ShouldSucceed().Out;
        text.ShouldContain("large-gpu");
        text.ShouldContain("fewest");
    }

    [Fact]
    public void A_trace_takes_the_place_of_the_loads()
    {
        var trace = Write(
            "trace.jsonl",
            "{\"at_s\": 1, \"shape\": \"m\"}\n\n{\"at_s\": 2, \"shape\": \"s\", \"count\": 2}\n"
        );
        Run("fairness", "--trace", trace).ShouldFailAs(ErrorCode.InputInvalid, "shape 'm'");
        Run("failures", "--trace", trace, "--json").ShouldSucceed().Out.ShouldContain("\"jobs\": 2");
    }

    [Fact]
    public void What_cannot_be_read_is_named()
    {
        Run("nothing").ShouldFailAs(ErrorCode.FileNotFound, "'nothing'");
        Run(Write("bad.json", "{")).ShouldFailAs(ErrorCode.InputInvalid, "The scenario cannot be used");
        Run("mixed", "--trace", Write("bad.jsonl", "{}\n")).ShouldFailAs(ErrorCode.InputInvalid, "Line 1");
        Run("mixed", "--trace", Write("empty.jsonl", "\n")).ShouldFailAs(ErrorCode.InputInvalid, "holds no jobs");
        Run("mixed", "--jobs", "0").ShouldFailAs(ErrorCode.InputInvalid, "jobs takes 1");
    }

    private string Write(string name, string content)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, content);
        return path;
    }

    private static CommandRun Run(params string[] arguments) =>
        CommandRun.Of(new ModelLibrary("none"), ["simulate", .. arguments]);
}
