using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace Kontext.Servers;

/// <summary>Debian's rabbitmq-server with the management and Prometheus plugins, in its own Erlang node.</summary>
public sealed class RabbitMqServer : LocalServer
{
    private const string Packages = "rabbitmq-server";
    private static readonly Lazy<Task<RabbitMqServer>> OfProcess = new(StartNewAsync);

    private readonly int _prometheus = LocalPorts.Next();
    private readonly int _distribution = LocalPorts.Next();
    private readonly int _portMapper = LocalPorts.Next();
    private readonly HttpClient _http;
    private ServerProcess? _epmd;

    private RabbitMqServer()
        : base("rabbit")
    {
        ManagementPort = LocalPorts.Next();
        _http = new() { BaseAddress = new($"http://127.0.0.1:{ManagementPort}/api/") };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic",
            Convert.ToBase64String("guest:guest"u8)
        );
    }

    /// <summary>What <c>ConnectionStrings:RabbitMq</c> takes.</summary>
    public string ConnectionString => $"amqp://guest:guest@127.0.0.1:{Port}";

    /// <summary>Port of the management interface, user and password <c>guest</c>.</summary>
    public int ManagementPort { get; }

    /// <summary>The management interface, for example <c>GetStringAsync("queues")</c>.</summary>
    public HttpClient Management => _http;

    /// <summary>The one server that tests of a process share, for those that do it no harm.</summary>
    public static Task<RabbitMqServer> SharedAsync() => OfProcess.Value;

    /// <summary>Starts a server.</summary>
    public static async Task<RabbitMqServer> StartNewAsync()
    {
        var server = new RabbitMqServer();
        await server.StartAsync();
        return server;
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_epmd is { } epmd)
        {
            await epmd.KillAsync();
            epmd.Dispose();
        }
        _http.Dispose();
    }

    private protected override async Task<ServerProcess> LaunchAsync()
    {
        var program = Program("/usr/lib/rabbitmq/bin/rabbitmq-server", Packages);
        var home = Path.Combine(Folder, "home");
        var environment = Settings(home);
        if (_epmd is null)
        {
            await PrepareAsync(home);
            // Erlang would start its port mapper as a daemon that outlives it: here it is a child like any other.
            _epmd = ServerProcess.Start(
                Log("epmd"),
                environment,
                Program("/usr/bin/epmd", Packages),
                ["-port", $"{_portMapper}", "-address", "127.0.0.1"]
            );
        }
        return ServerProcess.Start(Log("rabbit"), environment, program);
    }

    private protected override async Task<bool> AnswersAsync()
    {
        try
        {
            using var answer = await _http.GetAsync($"health/checks/port-listener/{Port}");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private protected override Task WipeAsync()
    {
        Directory.Delete(Path.Combine(Folder, "mnesia"), recursive: true);
        return Task.CompletedTask;
    }

    private async Task PrepareAsync(string home)
    {
        Directory.CreateDirectory(home);
        var cookie = Path.Combine(home, ".erlang.cookie");
        await File.WriteAllTextAsync(cookie, RandomNumberGenerator.GetHexString(20));
        if (OperatingSystem.IsLinux())
        {
            // Erlang refuses a cookie that others could read.
            File.SetUnixFileMode(cookie, UnixFileMode.UserRead);
        }
        await File.WriteAllTextAsync(
            Path.Combine(Folder, "rabbitmq.conf"),
            $"""
            listeners.tcp.1 = 127.0.0.1:{Port}
            management.tcp.ip = 127.0.0.1
            management.tcp.port = {ManagementPort}
            prometheus.tcp.ip = 127.0.0.1
            prometheus.tcp.port = {_prometheus}
            loopback_users = none
            log.file.level = warning
            disk_free_limit.absolute = 50MB
            vm_memory_high_watermark.absolute = 1GB

            """
        );
        await File.WriteAllTextAsync(
            Path.Combine(Folder, "enabled_plugins"),
            "[rabbitmq_management,rabbitmq_prometheus].\n"
        );
    }

    private Dictionary<string, string> Settings(string home) =>
        new()
        {
            ["HOME"] = home,
            ["RABBITMQ_NODENAME"] = "kontext@localhost",
            ["RABBITMQ_MNESIA_BASE"] = Path.Combine(Folder, "mnesia"),
            ["RABBITMQ_LOG_BASE"] = Path.Combine(Folder, "log"),
            ["RABBITMQ_PID_FILE"] = Path.Combine(Folder, "rabbit.pid"),
            ["RABBITMQ_CONFIG_FILE"] = Path.Combine(Folder, "rabbitmq.conf"),
            ["RABBITMQ_ADVANCED_CONFIG_FILE"] = Path.Combine(Folder, "advanced.config"),
            ["RABBITMQ_CONF_ENV_FILE"] = Path.Combine(Folder, "none-env.conf"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(Folder, "enabled_plugins"),
            ["RABBITMQ_GENERATED_CONFIG_DIR"] = Path.Combine(Folder, "schema"),
            ["RABBITMQ_DIST_PORT"] = $"{_distribution}",
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["ERL_EPMD_PORT"] = $"{_portMapper}",
            // Without busy waiting: the processors are the tests'.
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +sbwt none",
            ["RABBITMQ_CTL_ERL_ARGS"] = "",
        };
}
