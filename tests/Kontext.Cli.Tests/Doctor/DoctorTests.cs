using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Kontext.Contracts.Checkups;
using Kontext.Servers;
using Kontext.Storage.Checkups;
using Microsoft.Extensions.Configuration;

namespace Kontext.Cli.Tests.Doctor;

/// <summary>Each thing that may be wrong with a set-up is named, with what to do about it.</summary>
public sealed partial class DoctorTests(TinyModel model, DoctorServers servers)
    : CommandTests(model),
        IClassFixture<DoctorServers>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Where_all_is_well_everything_is_said_to_be_and_how_fast()
    {
        var run = await RunAsync(servers.Configuration());
        run.ExitCode.ShouldBe(0, run.Report.ToString());
        var found = run.Checks.ToLookup(check => DoctorProcess.Text(check, "subject"));
        found
            .Select(group => group.Key)
            .ShouldBe(
                [
                    "configuration",
                    "rabbitmq",
                    "redis",
                    "clock",
                    "object store",
                    "data folder",
                    "model",
                    "device",
                    "port",
                ],
                ignoreOrder: true
            );
        found["clock"].Count().ShouldBe(2);
        run.Checks.ShouldAllBe(check => DoctorProcess.Text(check, "level") != "fault");
        foreach (var server in (string[])["rabbitmq", "redis", "object store"])
        {
            found[server].Single().GetProperty("latency_ms").GetDouble().ShouldBeGreaterThan(0);
        }
        Version.Parse(DoctorProcess.Text(found["rabbitmq"].Single(), "version")).Major.ShouldBeGreaterThan(2);
        Version.Parse(DoctorProcess.Text(found["redis"].Single(), "version")).Major.ShouldBeGreaterThan(4);
        // It leaves nothing behind.
        (await servers.Rabbit.Management.GetStringAsync("queues", Token)).ShouldNotContain("checkup");
        run.Report.ToString().ShouldNotContain(DoctorServers.Password);
        run.Report.ToString().ShouldNotContain(servers.Objects.SecretKey);
    }

    [Theory]
    [InlineData("redis", "refuses the user or password", "Correct the password in ConnectionStrings:Redis")]
    [InlineData("no redis password", "", "password in ConnectionStrings:Redis")]
    [InlineData("rabbitmq", "ACCESS_REFUSED", "Correct user and password in ConnectionStrings:RabbitMq")]
    [InlineData("object store", "refuses access with ObjectStore:AccessKey", "Correct ObjectStore:AccessKey")]
    public async Task A_wrong_password(string server, string what, string advice)
    {
        var configuration = servers.Configuration();
        var (setting, value) = server switch
        {
            "rabbitmq" => ("ConnectionStrings__RabbitMq", $"amqp://guest:guessed@127.0.0.1:{servers.Rabbit.Port}"),
            "redis" => ("ConnectionStrings__Redis", $"{servers.Redis.ConnectionString},password=guessed"),
            "no redis password" => ("ConnectionStrings__Redis", servers.Redis.ConnectionString),
            _ => ("ObjectStore__SecretKey", "guessed"),
        };
        configuration[setting] = value;
        var run = await RunAsync(configuration);
        run.ShouldFind(server.Replace("no redis password", "redis"), "service_unavailable", what, advice);
        run.Report.ToString().ShouldNotContain("guessed");
    }

    [Fact]
    public async Task A_redis_where_nothing_listens()
    {
        var nowhere = $"127.0.0.1:{LocalPorts.Next()}";
        var run = await RunAsync(With("ConnectionStrings__Redis", nowhere));
        run.ShouldFind("redis", "service_unavailable", $"Redis at {nowhere}", "See that Redis runs");
    }

    [Fact]
    public async Task Servers_that_take_connections_and_never_answer_hold_nothing_up()
    {
        await using var rabbit = new TcpProxy(servers.Rabbit.Port);
        await using var redis = new TcpProxy(servers.Redis.Port);
        await using var objects = new TcpProxy(servers.Objects.Port);
        rabbit.Stall();
        redis.Stall();
        objects.Stall();
        var configuration = servers.Configuration();
        configuration["ConnectionStrings__RabbitMq"] = $"amqp://guest:guest@127.0.0.1:{rabbit.Port}";
        configuration["ConnectionStrings__Redis"] = $"127.0.0.1:{redis.Port},password={DoctorServers.Password}";
        configuration["ObjectStore__Endpoint"] = $"http://127.0.0.1:{objects.Port}";
        var run = await RunAsync(configuration, "--timeout", "2s");
        run.ExitCode.ShouldBe(5);
        foreach (
            var (subject, port) in new[]
            {
                ("rabbitmq", rabbit.Port),
                ("redis", redis.Port),
                ("object store", objects.Port),
            }
        )
        {
            var finding = run.Checks.Single(check => DoctorProcess.Text(check, "subject") == subject);
            DoctorProcess.Text(finding, "what").ShouldContain($":{port}");
            DoctorProcess.Text(finding, "what").ShouldContain("did not answer within 2 s");
            DoctorProcess.Text(finding, "advice").ShouldContain("firewall");
        }
    }

    /// <summary>A file system of its own with no byte left, for whoever may mount one.</summary>
    [Fact]
    public async Task A_full_disk()
    {
        const string Fill =
            "mount -t tmpfs -o size=1m none \"$0\" && { dd if=/dev/zero of=\"$0/fill\" bs=4k 2>/dev/null; exec \"$@\"; }";
        string[] inside = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", Fill, At("disk")];
        Directory.CreateDirectory(At("disk"));
        using (var trial = System.Diagnostics.Process.Start(inside[0], [.. inside[1..], "true"]))
        {
            await trial.WaitForExitAsync(Token);
            Assert.SkipUnless(trial.ExitCode == 0, "Here nobody may mount a file system of their own.");
        }
        var run = await RunInAsync(inside, [], "--data", At("disk/data"));
        run.ShouldFind("object folder", "service_unavailable", "No space left on device", "Free space there");
    }

    [Fact]
    public async Task A_bucket_that_is_not_there()
    {
        var run = await RunAsync(With("ObjectStore__Bucket", "nobody-made-it"));
        run.ShouldFind(
            "object store",
            "configuration_invalid",
            "has no bucket 'nobody-made-it' (ObjectStore:Bucket)",
            "Correct its name or make it"
        );
    }

    [Fact]
    public async Task A_model_that_is_not_there()
    {
        var run = await RunAsync(servers.Configuration(), "--model", "flux-kontext-dev");
        run.ShouldFind(
            "model",
            "model_not_found",
            "There is no model 'flux-kontext-dev'",
            "kontext model import FOLDER --name flux-kontext-dev"
        );
    }

    [Fact]
    public async Task A_model_whose_file_has_changed()
    {
        var graph = Path.Combine(Model.Copy(At("changed")), "decoder.fp32.onnx");
        var bytes = await File.ReadAllBytesAsync(graph, Token);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(graph, bytes, Token);
        var run = await RunAsync(servers.Configuration(), "--model", At("changed/"));
        run.ShouldFind("model", "model_corrupt", "decoder.fp32.onnx' has changed", "import the model again");
    }

    [Fact]
    public async Task A_build_without_cuda()
    {
        var run = await RunAsync(servers.Configuration(), "--device", "cuda");
        run.ShouldFind("device", "device_unavailable", "Cuda device 0 cannot be used", "-p:KontextGpu=true");
    }

    /// <summary>A real library of ONNX Runtime that asks the loader for a cuDNN which is not here.</summary>
    [Fact]
    public async Task A_cuda_library_that_needs_another_which_is_missing()
    {
        var provider = Path.Combine(Path.GetDirectoryName(KontextServer.Executable)!, "runtimes/linux-x64/native");
        var library = await File.ReadAllBytesAsync(Path.Combine(provider, "libonnxruntime_providers_shared.so"), Token);
        Replace(library, "libstdc++.so.6\0", "libcudnn.so.9\0\0");
        var broken = At("libonnxruntime_providers_cuda.so");
        await File.WriteAllBytesAsync(broken, library, Token);
        var run = await RunAsync(With("KONTEXT_CUDA_PROVIDER", broken), "--device", "cuda");
        run.ShouldFind(
            "device",
            "device_unavailable",
            "libcudnn.so.9",
            "libcudnn.so.9 is missing, which comes with cuDNN 9"
        );
    }

    /// <summary>What is wrong here is the clock of this machine, before the real clocks of real servers.</summary>
    [Theory]
    [InlineData(-3600, FindingLevel.Fault, "behind")]
    [InlineData(3600, FindingLevel.Fault, "ahead of")]
    [InlineData(5, FindingLevel.Warning, "ahead of")]
    [InlineData(0, FindingLevel.Ok, "within 1 s")]
    public async Task A_clock_that_is_off(int seconds, FindingLevel level, string what)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(
                servers.Configuration().ToDictionary(pair => pair.Key.Replace("__", ":"), pair => (string?)pair.Value)
            )
            .Build();
        var clocks = StorageCheckups
            .Of(configuration, At("data"), new ClockThatIsOff(TimeSpan.FromSeconds(seconds)))
            .Where(checkup => checkup.Subject == "clock")
            .ToArray();
        clocks.Length.ShouldBe(2);
        foreach (var clock in clocks)
        {
            var finding = await clock.RunAsync(Token);
            (finding.Level, finding.What).ShouldSatisfyAllConditions(
                found => found.Level.ShouldBe(level, finding.What),
                found => found.What.ShouldContain(what),
                found => found.What.ShouldContain("127.0.0.1:")
            );
            if (level != FindingLevel.Ok)
            {
                finding.Advice!.ShouldContain("NTP");
            }
        }
    }

    [Fact]
    public async Task A_port_that_is_taken()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var url = $"http://127.0.0.1:{((IPEndPoint)other.LocalEndpoint).Port}";
        var run = await RunAsync(servers.Configuration(), "--urls", url);
        run.ShouldFind(
            "port",
            "configuration_invalid",
            $"--urls {url} cannot be listened on: something else listens there",
            "give --urls another port"
        );
    }

    /// <summary>The real broker, behind a proxy that changes the version in its greeting to one as long.</summary>
    [Fact]
    public async Task A_rabbitmq_that_is_too_old()
    {
        await using var old = new TcpProxy(servers.Rabbit.Port, GreetAsOld);
        var run = await RunAsync(With("ConnectionStrings__RabbitMq", $"amqp://guest:guest@127.0.0.1:{old.Port}"));
        run.ShouldFind("rabbitmq", "configuration_invalid", "is of version 3.8", "Upgrade it to 3.10 or newer");
    }

    [Theory]
    [InlineData(null, "refused for user 'nobody'", "rabbitmqctl set_permissions -p / nobody '.*' '.*' '.*'")]
    [InlineData("^$", "access to exchange", "rabbitmqctl set_permissions -p / powerless '.*' '.*' '.*'")]
    public async Task A_user_of_rabbitmq_without_permissions(string? allowed, string what, string advice)
    {
        var user = allowed is null ? "nobody" : "powerless";
        var run = await RunAsync(With("ConnectionStrings__RabbitMq", await servers.AddRabbitUserAsync(user, allowed)));
        run.ShouldFind("rabbitmq", "service_unavailable", what, advice);

        // What is advised helps.
        await servers.AddRabbitUserAsync(user, ".*");
        (
            await RunAsync(With("ConnectionStrings__RabbitMq", $"amqp://{user}:x@127.0.0.1:{servers.Rabbit.Port}"))
        ).ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task A_user_of_redis_without_permissions()
    {
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(IPAddress.Loopback, servers.Redis.Port, Token);
            var commands =
                $"AUTH \"{DoctorServers.Password}\"\r\nACL SETUSER reader on >x ~* &* +@all -set -eval -evalsha\r\n";
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(commands), Token);
            var answer = new byte["+OK\r\n+OK\r\n".Length];
            await client.GetStream().ReadExactlyAsync(answer, Token);
            Encoding.ASCII.GetString(answer).ShouldBe("+OK\r\n+OK\r\n");
        }
        var run = await RunAsync(
            With("ConnectionStrings__Redis", $"{servers.Redis.ConnectionString},user=reader,password=x")
        );
        run.ShouldFind("redis", "service_unavailable", "NOPERM", "ACL SETUSER");
    }

    [Theory]
    [InlineData("ConnectionStrings__Redis", "host,unheardOf=1", "ConnectionStrings:Redis")]
    [InlineData("ConnectionStrings__RabbitMq", "http://host", "ConnectionStrings:RabbitMq")]
    [InlineData("ObjectStore__Bucket", "X", "ObjectStore:Bucket")]
    [InlineData("Gateway__MaxOpenJobs", "many", "MaxOpenJobs")]
    public async Task A_setting_that_is_none(string setting, string value, string what) =>
        (await RunAsync(With(setting, value))).ShouldFind("configuration", "configuration_invalid", what, "");

    [Fact]
    public async Task Roles_apart_that_have_nothing_to_meet_through() =>
        (await RunAsync([], "--role", "worker")).ShouldFind(
            "configuration",
            "configuration_invalid",
            "ConnectionStrings__RabbitMq and ConnectionStrings__Redis",
            ""
        );

    [Fact]
    public async Task While_it_serves_nothing_is_wrong_and_it_goes_on()
    {
        await using var serve = Serve.ServeFixture.New("examined");
        await serve.StartAsync();
        var run = await RunAsync([], "--data", serve.Data, "--urls", serve.Url.ToString());
        run.ExitCode.ShouldBe(0, run.Report.ToString());
        run.Checks.Where(check => DoctorProcess.Text(check, "level") == "warning")
            .Select(check => DoctorProcess.Text(check, "subject"))
            .ShouldBe(["data folder", "port"]);
        (await serve.IsReadyAsync() || serve.IsRunning).ShouldBeTrue();
    }

    [Fact]
    public void People_read_a_line_for_each_check_and_under_it_what_to_do()
    {
        var run = Run("doctor", "--data", "@/data", "--urls", "http://127.0.0.1:0", "--model", "none");
        run.ExitCode.ShouldBe(3);
        var lines = run.Out.TrimEnd('\n').Split('\n');
        lines.Length.ShouldBe(8);
        lines[0].ShouldStartWith("ok       configuration ");
        lines[1].ShouldContain(" ms]");
        lines[3].ShouldStartWith("fault    model          There is no model 'none'.");
        lines[4].ShouldStartWith("                        -> Import it");
        lines[^1].ShouldBe("6 checks: 1 fault, 0 warnings.");
        run.Error.ShouldBeEmpty();
    }

    /// <summary>An address of RFC 5737 is nobody's.</summary>
    [Theory]
    [InlineData("http://203.0.113.7:18443", "use http://0.0.0.0:PORT for all")]
    [InlineData("https://127.0.0.1:18443", "Kestrel__Certificates__Default__Path")]
    public void An_address_that_cannot_be_listened_on(string url, string advice)
    {
        var run = Run("doctor", "--data", "@/data", "--urls", url);
        run.ExitCode.ShouldBe(5, run.Out);
        run.Out.ShouldContain($"--urls {url} cannot be listened on");
        run.Out.ShouldContain(advice);
    }

    [Theory]
    [InlineData("--timeout takes more than nothing", "--timeout", "0s")]
    [InlineData("--timeout takes a time", "--timeout", "soon")]
    [InlineData("--role takes", "--role", "boss")]
    [InlineData("--model is for workers", "--role", "gateway", "--model", "x")]
    public void What_is_misunderstood(string words, params string[] options) =>
        Refused("usage", words, ["doctor", .. options]);

    private Task<DoctorProcess> RunAsync(Dictionary<string, string> configuration, params string[] arguments) =>
        RunInAsync([], configuration, arguments);

    private Task<DoctorProcess> RunInAsync(
        string[] before,
        Dictionary<string, string> configuration,
        params string[] arguments
    )
    {
        string[] data = arguments.Contains("--data") ? [] : ["--data", At("data")];
        string[] urls = arguments.Contains("--urls") ? [] : ["--urls", $"http://127.0.0.1:{LocalPorts.Next()}"];
        return DoctorProcess.RunAsync(configuration, [.. arguments, .. data, .. urls], before);
    }

    private Dictionary<string, string> With(string name, string value) =>
        new(servers.Configuration()) { [name] = value };

    private static void GreetAsOld(Memory<byte> answer)
    {
        var text = Encoding.Latin1.GetString(answer.Span);
        if (VersionField().Match(text) is { Success: true } version)
        {
            var group = version.Groups[1];
            var old = $"3.8.{new string('1', group.Length - 4)}";
            Encoding.Latin1.GetBytes(old).CopyTo(answer[group.Index..]);
        }
    }

    private static void Replace(byte[] bytes, string old, string with)
    {
        old.Length.ShouldBe(with.Length);
        var at = bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(old));
        at.ShouldBeGreaterThan(0);
        Encoding.ASCII.GetBytes(with).CopyTo(bytes, at);
    }

    /// <summary>A field of AMQP: its name, the kind of a long string, its length in four bytes, the text.</summary>
    [GeneratedRegex(@"version[S]\0\0\0.(\d+\.\d+[\d.]*)", RegexOptions.Singleline)]
    private static partial Regex VersionField();

    private sealed class ClockThatIsOff(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }
}
