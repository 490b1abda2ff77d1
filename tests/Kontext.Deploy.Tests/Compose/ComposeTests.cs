using System.Reflection;
using System.Text.RegularExpressions;
using Kontext.Cli.Serve;
using Kontext.Servers;

namespace Kontext.Deploy.Tests.Compose;

/// <summary>The compose file, as docker-compose reads it.</summary>
public sealed partial class ComposeTests(DeployTools tools)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string> Secrets => [.. ComposeFile.Secrets.Keys];

    [Fact]
    public async Task It_lints()
    {
        var (code, output, error) = await tools.Npm.RunAsync(
            ["node_modules/.bin/dclint", "--config", "dclint.yaml", "--max-warnings", "0", ComposeFile.Path],
            Cancellation
        );

        code.ShouldBe(0, output + error);
    }

    [Theory]
    [MemberData(nameof(Secrets))]
    public async Task A_secret_that_is_empty_is_refused(string secret)
    {
        var (code, _, error) = await ComposeFile.ConfigAsync(
            new Dictionary<string, string?>(ComposeFile.Secrets) { [secret] = "" },
            Cancellation
        );

        code.ShouldNotBe(0);
        error.ShouldContain("run deploy/compose-env.sh");
    }

    [Fact]
    public async Task Images_are_pinned_and_every_container_has_limits()
    {
        foreach (var (name, service) in ComposeFile.Services(await ComposeFile.ReadAsync(Cancellation)))
        {
            Pinned().IsMatch(service.Text("image")!).ShouldBeTrue(service.Text("image"));
            service.Map("deploy", "resources", "limits").Keys.ShouldBe(["cpus", "memory"], ignoreOrder: true);
            service.Texts("security_opt").ShouldContain("no-new-privileges:true", name);
            service.Text("logging", "options", "max-size").ShouldNotBeNull(name);
        }
    }

    [Fact]
    public async Task Nothing_is_published_beyond_loopback()
    {
        var ports = ComposeFile
            .Services(await ComposeFile.ReadAsync(Cancellation))
            .SelectMany(service => service.Service.Texts("ports"))
            .ToList();

        ports.ShouldNotBeEmpty();
        ports.ShouldAllBe(port => port.StartsWith("127.0.0.1:"));
    }

    [Fact]
    public async Task Servers_are_reached_from_within_only()
    {
        var compose = await ComposeFile.ReadAsync(Cancellation);

        compose.Text("networks", "servers", "internal").ShouldBe("true");
        foreach (var name in (string[])["rabbitmq", "redis", "redis-tensors", "minio", "otel-collector"])
        {
            var service = compose.At("services", name);
            service.Map("networks").Keys.ShouldBe(["servers"], customMessage: name);
            service.At("ports").ShouldBeNull(name);
        }
    }

    [Fact]
    public async Task Roles_have_no_rights_and_are_given_time_to_drain()
    {
        var drain = (TimeSpan)
            typeof(ServeHost)
                .GetField("ShutdownTimeout", BindingFlags.NonPublic | BindingFlags.Static)!
                .GetValue(null)!;
        foreach (var (name, role) in ComposeFile.Roles(await ComposeFile.ReadAsync(Cancellation)))
        {
            role.Text("read_only").ShouldBe("true", name);
            role.Texts("cap_drop").ShouldBe(["ALL"], customMessage: name);
            role.Texts("tmpfs").Select(mount => mount.Split(':')[0]).ShouldBe(["/tmp", "/data"], customMessage: name);
            double.Parse(role.Text("stop_grace_period")!.TrimEnd('s')).ShouldBeGreaterThan(drain.TotalSeconds, name);
        }
    }

    [Fact]
    public async Task Roles_start_once_their_servers_are_healthy_and_there_is_a_tenant()
    {
        var compose = await ComposeFile.ReadAsync(Cancellation);

        foreach (var (name, role) in ComposeFile.Roles(compose).Where(role => role.Name != "first-tenant"))
        {
            role.Texts("healthcheck", "test").ShouldBe(["CMD", "/app/kontext", "health"], customMessage: name);
            role.Text("depends_on", "first-tenant", "condition").ShouldBe("service_completed_successfully", name);
            foreach (var server in (string[])["rabbitmq", "redis", "redis-tensors", "minio"])
            {
                role.Text("depends_on", server, "condition").ShouldBe("service_healthy", name);
                compose.At("services", server, "healthcheck", "test").ShouldNotBeNull(server);
            }
        }
        compose.Text("services", "first-tenant", "restart").ShouldBe("no");
        compose.Text("services", "coordinator", "deploy", "replicas").ShouldBe("2");
    }

    [Fact]
    public async Task Records_are_never_evicted_and_tensors_are()
    {
        var compose = await ComposeFile.ReadAsync(Cancellation);

        Option("redis", "--maxmemory-policy").ShouldBe("noeviction");
        Option("redis", "--maxmemory").ShouldBe("512mb");
        Option("redis-tensors", "--maxmemory-policy").ShouldBe("allkeys-lru");
        Option("redis-tensors", "--maxmemory").ShouldBe("1536mb");

        string Option(string service, string name) =>
            compose.At("services", service).Texts("command").SkipWhile(word => word != name).ElementAt(1);
    }

    [Fact]
    public void What_is_mounted_is_there()
    {
        var mounts = Yaml.ReadFile(ComposeFile.Path)["services"]!
            .AsObject()
            .SelectMany(service => service.Value.Texts("volumes"))
            .Where(volume => volume.StartsWith("./"))
            .Select(volume => volume.Split(':')[0])
            .ToList();

        mounts.ShouldNotBeEmpty();
        foreach (var mount in mounts)
        {
            Path.Exists(Path.Combine(KontextServer.Repository, mount)).ShouldBeTrue(mount);
        }
    }

    [Fact]
    public async Task The_script_makes_secrets_and_leaves_those_that_are_there()
    {
        var folder = Directory.CreateTempSubdirectory("kontext-env-");
        try
        {
            Directory.CreateDirectory(Path.Combine(folder.FullName, "deploy"));
            foreach (var file in (string[])[".env.example", "deploy/compose-env.sh"])
            {
                File.Copy(Path.Combine(KontextServer.Repository, file), Path.Combine(folder.FullName, file));
            }
            var first = await MakeAsync();
            var second = await MakeAsync();

            second.ShouldBe(first);
            foreach (var secret in ComposeFile.Secrets.Keys)
            {
                first[secret].ShouldMatch("^[0-9a-f]{64}$");
            }
            ComposeFile.Secrets.Keys.Select(secret => first[secret]).ShouldBeUnique();
            File.GetUnixFileMode(Path.Combine(folder.FullName, ".env"))
                .ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        async Task<Dictionary<string, string>> MakeAsync()
        {
            var (code, _, error) = await Command.RunAsync(
                folder.FullName,
                "bash",
                ["deploy/compose-env.sh"],
                Cancellation
            );
            code.ShouldBe(0, error);
            return File.ReadLines(Path.Combine(folder.FullName, ".env"))
                .Where(line => line.Contains('=') && !line.StartsWith('#'))
                .Select(line => line.Split('=', 2))
                .ToDictionary(pair => pair[0], pair => pair[1]);
        }
    }

    [GeneratedRegex(@":[A-Za-z0-9_.-]*\d[A-Za-z0-9_.-]*\z")]
    private static partial Regex Pinned();
}
