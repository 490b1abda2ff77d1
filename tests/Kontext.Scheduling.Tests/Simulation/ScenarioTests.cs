using System.Text;
using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Scheduling.Simulation;

namespace Kontext.Scheduling.Tests.Simulation;

public sealed class ScenarioTests
{
    private const string Least = """
        {
          "shapes": [{ "name": "s", "width": 512, "height": 512, "step_ms": 100 }],
          "workers": [{ "name": "gpu" }],
          "loads": [{ "per_second": 1, "shapes": { "s": 1 } }]
        }
        """;

    [Fact]
    public void What_is_left_out_has_its_default()
    {
        var scenario = Parse(Least);
        (scenario.Seed, scenario.Engine, scenario.Jobs, scenario.SloTarget).ShouldBe((1, EngineMode.Steps, 1000, 0.95));
        (scenario.Shapes[0].Steps, scenario.Shapes[0].BatchGain).ShouldBe((28, 1));
        (scenario.Workers[0].Count, scenario.Workers[0].Speed, scenario.Workers[0].LargestSize).ShouldBe(
            (1, 1, SizeClass.L)
        );
        scenario.Workers[0].Stages.ShouldBe(Enum.GetValues<Stage>());
        (scenario.Loads[0].Tenant, scenario.Loads[0].Priority, scenario.Loads[0].Count).ShouldBe(
            ("default", Priority.Standard, 1)
        );
        scenario.Loads[0].Trace.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("\"gpu\" }]", "\"gpu\", \"colour\": 1 }]")]
    [InlineData("\"gpu\" }]", "\"gpu\", \"speed\": 0 }]")]
    [InlineData("\"gpu\" }]", "\"gpu\", \"count\": -1 }]")]
    [InlineData("\"gpu\" }]", "\"gpu\", \"stages\": [] }]")]
    [InlineData("\"gpu\" }]", "\"gpu\", \"stages\": [\"paint\"] }]")]
    [InlineData("\"gpu\" }]", "\"gpu\", \"from_s\": 9, \"until_s\": 8 }]")]
    [InlineData("\"step_ms\": 100", "\"step_ms\": 0")]
    [InlineData("\"step_ms\": 100", "\"step_ms\": 100, \"batch_gain\": 9")]
    [InlineData("\"step_ms\": 100", "\"step_ms\": 100, \"steps\": 0")]
    [InlineData("\"width\": 512", "\"width\": 0")]
    [InlineData("{ \"s\": 1 }", "{ \"m\": 1 }")]
    [InlineData("{ \"s\": 1 }", "{ \"s\": 0 }")]
    [InlineData("{ \"s\": 1 }", "{ }")]
    [InlineData("\"per_second\": 1", "\"per_second\": -1")]
    [InlineData("\"per_second\": 1", "\"burst\": 0")]
    [InlineData("\"per_second\": 1", "\"trace\": [{ \"at_s\": 1, \"shape\": \"m\" }]")]
    [InlineData("\"workers\"", "\"jobs\": 0, \"workers\"")]
    [InlineData("\"workers\"", "\"slo_target\": 2, \"workers\"")]
    [InlineData("\"workers\"", "\"tenants\": [{ \"name\": \"a\", \"weight\": 0 }], \"workers\"")]
    [InlineData("[{ \"name\": \"gpu\" }]", "null")]
    [InlineData("[{ \"name\": \"gpu\" }]", "[null]")]
    public void What_cannot_be_used_is_refused_with_its_reason(string part, string? instead = null)
    {
        var json = instead is null ? part : Least.Replace(part, instead);
        var error = Should.Throw<KontextException>(() => Parse(json));
        error.Code.ShouldBe(ErrorCode.InputInvalid);
        error.Message.ShouldStartWith("The scenario cannot be used: ");
    }

    [Fact]
    public void A_trace_is_run_as_it_came()
    {
        var scenario = Parse(
            Least.Replace(
                "\"per_second\": 1",
                """
                "trace": [{ "at_s": 5, "shape": "s", "tenant": "b" }, { "at_s": 1, "shape": "s", "priority": "interactive", "count": 2 }]
                """
            )
        );
        var report = new Simulator(scenario, TimeProvider.System).Run(TestContext.Current.CancellationToken);
        report.Jobs.ShouldBe(2);
        report.Classes.Select(line => line.Priority).ShouldBe([Priority.Interactive, Priority.Standard]);
        report.Tenants.Select(tenant => tenant.Name).ShouldBe(["b", "default"]);
    }

    private static Scenario Parse(string json) => Scenario.Parse(Encoding.UTF8.GetBytes(json));
}
