using System.CommandLine;
using System.Text.Json;
using Kontext.Contracts;
using Kontext.Scheduling.Simulation;

namespace Kontext.Cli.Simulation;

/// <summary><c>kontext simulate</c>: what a cluster would do under a load, decided by the scheduler itself.</summary>
internal static class SimulateCommand
{
    private const string DefaultScenario = "mixed";

    public static Command Create(Terminal terminal)
    {
        var scenario = new Argument<string>("scenario")
        {
            Description = $"A file, or one of: {string.Join(", ", ScenarioFiles.Names)}. Default: {DefaultScenario}.",
            DefaultValueFactory = _ => DefaultScenario,
        };
        var seed = Options.Number<int>("--seed", "Seed, in place of the scenario's.");
        var jobs = Options.Number<int>("--jobs", "Jobs, in place of the scenario's.");
        var trace = Options.Text(
            "--trace",
            "FILE",
            "Jobs as they came, a JSON object a line, in place of the scenario's loads."
        );
        var sweep = Options.Switch("--sweep", "Find how many of each kind of worker are enough.");
        var json = Options.Switch("--json", "Print JSON.");
        var command = new DocumentedCommand(
            "simulate",
            "Simulate a cluster under a load.",
            """
            The coordinator's own scheduler runs against simulated devices, lanes and workloads. docs/capacity.md describes scenarios.

            Examples:
              kontext simulate
              kontext simulate thousand
              kontext simulate capacity --sweep
              kontext simulate my-cluster.json --trace yesterday.jsonl --seed 7 --json
            """
        )
        {
            scenario,
            seed,
            jobs,
            trace,
            sweep,
            json,
        };
        command.SetAction(
            (parsed, cancellation) =>
            {
                var simulated = ScenarioFiles.Read(parsed.GetValue(scenario)!);
                if (parsed.GetValue(trace) is { } file)
                {
                    var traced = ScenarioFiles.ReadTrace(file);
                    simulated = simulated with { Loads = [new() { Trace = traced }], Jobs = Math.Max(1, traced.Count) };
                }
                simulated = (
                    simulated with
                    {
                        Seed = parsed.GetValue(seed) ?? simulated.Seed,
                        Jobs = parsed.GetValue(jobs) ?? simulated.Jobs,
                    }
                ).Check();
                if (parsed.GetValue(sweep))
                {
                    terminal.Out.Write(CapacitySweep.Run(simulated, cancellation));
                    return Task.FromResult(0);
                }
                var began = TimeProvider.System.GetTimestamp();
                var report = new Simulator(simulated, TimeProvider.System).Run(cancellation);
                var took = TimeProvider.System.GetElapsedTime(began);
                terminal.Out.WriteLine(
                    parsed.GetValue(json)
                        ? JsonSerializer.Serialize(report, ScenarioJson.Default.SimulationReport)
                        : SimulationText.Of(simulated, report, took, QueueCost.Measure(TimeProvider.System))
                );
                return Task.FromResult(0);
            }
        );
        return command;
    }
}
