using Kontext.Deploy.Tests.Charts;
using Kontext.Deploy.Tests.Compose;
using Kontext.Deploy.Tests.Containers;

namespace Kontext.Deploy.Tests.Program;

/// <summary>Variables that containers are given are read by somebody.</summary>
public sealed class SettingsTests
{
    /// <summary>Read by .NET and its libraries, not by this program's source.</summary>
    private static readonly string[] OfTheFramework =
    [
        "ASPNETCORE_HTTP_PORTS",
        "DOTNET_ROOT",
        "HOME",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "PATH",
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void The_source_is_read_well()
    {
        string[] known =
        [
            "ConnectionStrings__Redis",
            "ObjectStore__SecretKey",
            "Gateway__PublicUrl",
            "Worker__CheckpointInterval",
            "KONTEXT_MODELS",
        ];

        known.ShouldBeSubsetOf(KnownSettings.All);
        KnownSettings.All.ShouldNotContain("Gateway__PublicUri");
    }

    [Fact]
    public async Task Those_of_the_compose_file_are_known()
    {
        foreach (var (name, role) in ComposeFile.Roles(await ComposeFile.ReadAsync(Cancellation)))
        {
            Check(role.Map("environment").Keys, name);
        }
    }

    [Fact]
    public async Task Those_of_the_chart_are_known()
    {
        foreach (var values in Chart.Values.Select(row => row.Data))
        {
            foreach (var (name, pod) in (await Chart.RenderAsync(values, Cancellation)).Pods())
            {
                foreach (var variables in pod.Containers().Where(Chart.RunsKontext).Select(one => one.Items("env")))
                {
                    var all = variables.ToDictionary(one => one.Text("name")!, one => one.Text("value"));
                    // Some only stand in others' values.
                    var parts = all.Keys.Where(part => all.Values.Any(value => value?.Contains($"$({part})") == true));
                    Check(all.Keys.Except(parts), name);
                }
            }
        }
    }

    [Theory]
    [InlineData("cpu.Dockerfile")]
    [InlineData("gpu.Dockerfile")]
    public void Those_of_images_are_known(string name) => Check(ContainerFile.Read(name).Environment.Keys, name);

    private static void Check(IEnumerable<string> names, string where) =>
        names.Except(OfTheFramework).ShouldBeSubsetOf(KnownSettings.All, where);
}
