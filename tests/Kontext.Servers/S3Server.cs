using System.Security.Cryptography;

namespace Kontext.Servers;

/// <summary>
/// Ceph's S3 gateway from Debian over one monitor and one object daemon in memory. What is stopped and killed is the
/// gateway; what was stored stays in the daemon behind it, so that a restart loses nothing.
/// </summary>
public sealed class S3Server : LocalServer
{
    private const string Packages = "radosgw ceph-mon ceph-osd ceph-base ceph-common";
    private static readonly Lazy<Task<S3Server>> OfProcess = new(StartNewAsync);

    private readonly HttpClient _http = new();
    private readonly List<ServerProcess> _behind = [];

    private S3Server()
        : base("s3") { }

    /// <summary>What <c>ObjectStore:Endpoint</c> takes.</summary>
    public string Endpoint => $"http://127.0.0.1:{Port}";

    /// <summary>What <c>ObjectStore:AccessKey</c> takes.</summary>
    public string AccessKey { get; } = "kontext";

    /// <summary>What <c>ObjectStore:SecretKey</c> takes.</summary>
    public string SecretKey { get; } = RandomNumberGenerator.GetHexString(24);

    /// <summary>The one server that tests of a process share, for those that do it no harm.</summary>
    public static Task<S3Server> SharedAsync() => OfProcess.Value;

    /// <summary>Starts a server.</summary>
    public static async Task<S3Server> StartNewAsync()
    {
        var server = new S3Server();
        await server.StartAsync();
        return server;
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await KillAsync();
        await WipeAsync();
        await base.DisposeAsync();
        _http.Dispose();
    }

    private string[] Configured => ["--conf", Path.Combine(Folder, "ceph.conf")];

    private protected override async Task<ServerProcess> LaunchAsync()
    {
        if (_behind.Count == 0)
        {
            await StartBehindAsync();
        }
        return Start("radosgw", "-f", "-n", "client.rgw");
    }

    private protected override async Task<bool> AnswersAsync()
    {
        try
        {
            using var answer = await _http.GetAsync(Endpoint);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private protected override async Task WipeAsync()
    {
        foreach (var process in _behind)
        {
            await process.KillAsync();
            process.Dispose();
        }
        _behind.Clear();
        foreach (var folder in CephSettings.DataFolders)
        {
            Directory.Delete(Path.Combine(Folder, folder), recursive: true);
        }
        File.Delete(Keyring);
        File.Delete(Path.Combine(Folder, "monmap"));
    }

    private string Keyring => Path.Combine(Folder, "keyring");

    private async Task StartBehindAsync()
    {
        foreach (var folder in CephSettings.DataFolders)
        {
            Directory.CreateDirectory(Path.Combine(Folder, folder));
        }
        var (cluster, daemon) = (Guid.NewGuid().ToString(), Guid.NewGuid().ToString());
        var monitor = $"v2:127.0.0.1:{LocalPorts.Next()}/0";
        await File.WriteAllTextAsync(Configured[1], CephSettings.Write(Folder, cluster, monitor, Port));
        await MakeKeysAsync();
        var map = Path.Combine(Folder, "monmap");
        await RunAsync("monmaptool", "--create", "--fsid", cluster, "--addv", "a", monitor, map);
        await RunAsync("ceph-mon", [.. Configured, "-i", "a", "--mkfs", "--monmap", map, "--keyring", Keyring]);
        _behind.Add(Start("ceph-mon", "-f", "-i", "a"));
        await RunAsync("ceph", [.. Configured, "osd", "new", daemon, "0"]);
        await RunAsync("ceph-osd", [.. Configured, "-i", "0", "--mkfs", "--osd-uuid", daemon]);
        await RunAsync(
            "ceph",
            [.. Configured, "osd", "crush", "add", "osd.0", "1.0", "root=default", "host=localhost"]
        );
        _behind.Add(Start("ceph-osd", "-f", "-i", "0"));
        string[] user = ["user", "create", "--uid=kontext", "--display-name=kontext"];
        await RunAsync(
            "radosgw-admin",
            [.. Configured, .. user, $"--access-key={AccessKey}", $"--secret-key={SecretKey}"]
        );
    }

    private async Task MakeKeysAsync()
    {
        string[] everything = ["--cap", "mon", "allow *", "--cap", "osd", "allow *", "--cap", "mgr", "allow *"];
        await KeyAsync("mon.", "--create-keyring", "--cap", "mon", "allow *");
        await KeyAsync("client.admin", everything);
        await KeyAsync("client.rgw", everything);
        await KeyAsync("osd.0", "--cap", "mon", "allow profile osd", "--cap", "osd", "allow *");

        Task KeyAsync(string name, params string[] arguments) =>
            RunAsync("ceph-authtool", [Keyring, "--gen-key", "-n", name, .. arguments]);
    }

    private Task RunAsync(string program, params string[] arguments) =>
        ServerProcess.RunAsync(Log(program), Program($"/usr/bin/{program}", Packages), arguments);

    private ServerProcess Start(string program, params string[] arguments) =>
        ServerProcess.Start(
            Log(program),
            new Dictionary<string, string>(),
            Program($"/usr/bin/{program}", Packages),
            [.. Configured, .. arguments]
        );
}
