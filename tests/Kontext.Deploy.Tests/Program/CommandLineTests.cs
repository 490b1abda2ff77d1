using Kontext.Deploy.Tests.Charts;
using Kontext.Deploy.Tests.Compose;
using Kontext.Deploy.Tests.Containers;
using Kontext.Servers;

namespace Kontext.Deploy.Tests.Program;

/// <summary>What containers are started with is what the program understands.</summary>
public sealed class CommandLineTests
{
    /// <summary>An option that no command has. Of what is not understood the first is named.</summary>
    private const string Unknown = "--no-such-option";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Those_of_the_compose_file_are_understood()
    {
        foreach (var (_, role) in ComposeFile.Roles(await ComposeFile.ReadAsync(Cancellation)))
        {
            await CheckAsync(role.Texts("command"));
        }
    }

    [Fact]
    public async Task Those_of_the_chart_are_understood()
    {
        var seen = new HashSet<string>();
        foreach (var values in Chart.Values.Select(row => row.Data))
        {
            foreach (var (_, pod) in (await Chart.RenderAsync(values, Cancellation)).Pods())
            {
                foreach (var arguments in pod.Containers().Where(Chart.RunsKontext).Select(one => one.Texts("args")))
                {
                    if (seen.Add(string.Join(' ', arguments)))
                    {
                        await CheckAsync(arguments);
                    }
                }
            }
        }
        seen.Count.ShouldBeGreaterThan(5);
    }

    [Fact]
    public async Task The_health_check_is_understood()
    {
        await CheckAsync(["health"]);
        ContainerFile.Read("cpu.Dockerfile").All("CMD").ShouldBe(["""["serve"]"""]);
        await CheckAsync(["serve"]);
    }

    [Fact]
    public async Task One_that_is_not_understood_is_noticed() =>
        (await SaidAsync(["serve", "--rolle", "gateway"])).ShouldContain("'--rolle'");

    private static async Task CheckAsync(IReadOnlyList<string> arguments) =>
        (await SaidAsync(arguments)).ShouldStartWith(
            $"error usage: '{Unknown}' is not a command, option or argument here.",
            Case.Sensitive,
            string.Join(' ', arguments)
        );

    private static async Task<string> SaidAsync(IReadOnlyList<string> arguments)
    {
        var (code, _, error) = await Command.RunAsync(
            Path.GetTempPath(),
            KontextServer.Executable,
            [.. arguments, Unknown],
            Cancellation
        );
        code.ShouldBe(2);
        return error;
    }
}
