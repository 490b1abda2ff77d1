using System.Text.RegularExpressions;
using Kontext.Servers;

namespace Kontext.Deploy.Tests.Containers;

/// <summary>What can be said of images without building them.</summary>
public sealed partial class ContainerFileTests(DeployTools tools)
{
    public static TheoryData<string> Files => ["cpu.Dockerfile", "gpu.Dockerfile"];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task It_lints(string name)
    {
        var (code, output, error) = await tools.Npm.RunAsync(
            ["node_modules/.bin/dockerfilelint", ContainerFile.Read(name).Path],
            TestContext.Current.CancellationToken
        );

        code.ShouldBe(0, output + error);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Base_images_are_pinned_and_who_runs_is_nobody(string name)
    {
        var file = ContainerFile.Read(name);

        file.All("FROM").ShouldAllBe(image => Pinned().IsMatch(image));
        file.All("USER").ShouldBe(["1654:1654"]);
        file.All("HEALTHCHECK").ShouldHaveSingleItem().ShouldEndWith("""CMD ["/app/kontext", "health"]""");
        file.All("ENTRYPOINT").ShouldBe(["""["/app/kontext"]"""]);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Packages_are_restored_of_every_project_and_of_nothing_else(string name)
    {
        var copied = ContainerFile
            .Read(name)
            .All("COPY")
            .Select(text => text.Split(' '))
            .Where(words => words[0].EndsWith(".csproj"))
            .ToList();

        copied
            .Select(words => words[0])
            .ShouldBe(
                Directory
                    .EnumerateFiles(
                        Path.Combine(KontextServer.Repository, "src"),
                        "*.csproj",
                        SearchOption.AllDirectories
                    )
                    .Select(path => Path.GetRelativePath(KontextServer.Repository, path)),
                ignoreOrder: true
            );
        copied.ShouldAllBe(words => words[1] == $"{Path.GetDirectoryName(words[0])}/");
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void What_is_copied_is_there_and_is_not_left_out(string name)
    {
        var allowed = File.ReadLines(Path.Combine(KontextServer.Repository, ".dockerignore"))
            .Where(line => line.StartsWith('!'))
            .Select(line => line[1..])
            .ToList();
        var sources = ContainerFile
            .Read(name)
            .All("COPY")
            .Where(text => !text.StartsWith("--from"))
            .SelectMany(text => text.Split(' ')[..^1])
            .ToList();

        sources.ShouldNotBeEmpty();
        foreach (var source in sources)
        {
            Path.Exists(Path.Combine(KontextServer.Repository, source)).ShouldBeTrue(source);
            allowed.ShouldContain(path => source == path || source.StartsWith($"{path}/"), source);
        }
    }

    [Fact]
    public void Restore_and_publish_take_the_same_packages()
    {
        foreach (var name in Files.Select(row => row.Data))
        {
            var file = ContainerFile.Read(name);
            string[] shared = ["linux-x64", "-p:PublishReadyToRun=true"];
            string[] all = name == "gpu.Dockerfile" ? [.. shared, "-p:KontextGpu=true"] : shared;

            all.ShouldBeSubsetOf(file.Run("dotnet restore"));
            all.ShouldBeSubsetOf(file.Run("dotnet publish"));
            file.Run("dotnet publish").Contains("-p:KontextGpu=true").ShouldBe(name == "gpu.Dockerfile");
        }
        // The property that the project has.
        File.ReadAllText(Path.Combine(KontextServer.Repository, "src/Kontext.Flux/Kontext.Flux.csproj"))
            .ShouldContain("'$(KontextGpu)' == 'true'");
    }

    [GeneratedRegex(@"^\S+:[A-Za-z0-9_.-]*\d+\.\d+\.\d+\S*( AS [a-z]+)?\z")]
    private static partial Regex Pinned();
}
