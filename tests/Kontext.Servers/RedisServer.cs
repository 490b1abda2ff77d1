using System.Net;
using System.Net.Sockets;

namespace Kontext.Servers;

/// <summary>Debian's redis-server. It writes an append-only file, so that being killed loses nothing.</summary>
public sealed class RedisServer : LocalServer
{
    private static readonly Lazy<Task<RedisServer>> OfProcess = new(() => StartNewAsync());

    /// <summary>An append-only file is written before the answer goes out; snapshots would only add work.</summary>
    private const string Kept = "--appendonly yes --save  --loglevel warning";

    private readonly string[] _settings;

    private RedisServer(string[] settings)
        : base("redis") => _settings = settings;

    /// <summary>What <c>ConnectionStrings:Redis</c> takes.</summary>
    public string ConnectionString => $"127.0.0.1:{Port}";

    /// <summary>The one server that tests of a process share, for those that do it no harm.</summary>
    public static Task<RedisServer> SharedAsync() => OfProcess.Value;

    /// <summary>Starts a server.</summary>
    /// <param name="settings">Arguments of redis-server, for example <c>--maxmemory-policy</c>, <c>allkeys-lru</c>.</param>
    public static async Task<RedisServer> StartNewAsync(params string[] settings)
    {
        var server = new RedisServer(settings);
        await server.StartAsync();
        return server;
    }

    private protected override Task<ServerProcess> LaunchAsync()
    {
        var data = Path.Combine(Folder, "data");
        Directory.CreateDirectory(data);
        return Task.FromResult(
            ServerProcess.Start(
                Log("redis"),
                new Dictionary<string, string>(),
                Program("/usr/bin/redis-server", "redis-server"),
                [.. $"--port {Port} --bind 127.0.0.1 --dir {data} {Kept}".Split(' '), .. _settings]
            )
        );
    }

    private protected override async Task<bool> AnswersAsync()
    {
        // While it loads its file it answers PING with an error.
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, Port);
            await client.GetStream().WriteAsync("PING\r\n"u8.ToArray());
            var answer = new byte["+PONG".Length];
            await client.GetStream().ReadExactlyAsync(answer);
            // One that asks for a password is up too.
            return answer.AsSpan().SequenceEqual("+PONG"u8) || answer.AsSpan().SequenceEqual("-NOAU"u8);
        }
        catch (Exception error) when (error is SocketException or IOException)
        {
            return false;
        }
    }

    private protected override Task WipeAsync()
    {
        Directory.Delete(Path.Combine(Folder, "data"), recursive: true);
        return Task.CompletedTask;
    }
}
