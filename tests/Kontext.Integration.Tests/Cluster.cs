using Kontext.Servers;

namespace Kontext.Integration.Tests;

/// <summary>Real servers, and the program in as many processes as a test asks for.</summary>
internal sealed class Cluster : IAsyncDisposable
{
    private readonly List<KontextServer> _processes = [];
    private readonly Dictionary<string, string> _environment;

    private Cluster(RabbitMqServer rabbit, RedisServer redis, S3Server objects)
    {
        Rabbit = rabbit;
        Redis = redis;
        Objects = objects;
        _environment = new()
        {
            ["ConnectionStrings__RabbitMq"] = rabbit.ConnectionString,
            ["ConnectionStrings__Redis"] = redis.ConnectionString,
            ["ObjectStore__Endpoint"] = objects.Endpoint,
            ["ObjectStore__AccessKey"] = objects.AccessKey,
            ["ObjectStore__SecretKey"] = objects.SecretKey,
            ["ObjectStore__Bucket"] = "kontext-test",
        };
    }

    public RabbitMqServer Rabbit { get; }
    public RedisServer Redis { get; }
    public S3Server Objects { get; }

    /// <summary>The program's processes, in the order they were started.</summary>
    public IReadOnlyList<KontextServer> Processes => _processes;

    /// <summary>The configuration that all of them share, for a test to add to.</summary>
    public IDictionary<string, string> Environment => _environment;

    /// <summary>Starts the servers, and none of the program yet.</summary>
    public static async Task<Cluster> StartAsync()
    {
        var rabbit = RabbitMqServer.StartNewAsync();
        var redis = RedisServer.StartNewAsync();
        var objects = S3Server.StartNewAsync();
        return new(await rabbit, await redis, await objects);
    }

    /// <summary>One gateway, two coordinators, one encode, two denoise and one decode process.</summary>
    public Task AddUsualAsync() =>
        Task.WhenAll(
            AddAsync("gateway", "--role", "gateway"),
            AddAsync("coordinator-1", "--role", "coordinator"),
            AddAsync("coordinator-2", "--role", "coordinator"),
            AddWorkerAsync("encode-1", "encode"),
            AddWorkerAsync("denoise-1", "denoise"),
            AddWorkerAsync("denoise-2", "denoise"),
            AddWorkerAsync("decode-1", "decode")
        );

    public Task<KontextServer> AddWorkerAsync(string name, string stages) =>
        AddAsync(name, "--role", "worker", "--stages", stages, "--threads", "1");

    public async Task<KontextServer> AddAsync(string name, params string[] arguments)
    {
        var process = new KontextServer(name, _environment, arguments);
        lock (_processes)
        {
            _processes.Add(process);
        }
        await process.StartAsync();
        return process;
    }

    /// <summary>A client of the gateway.</summary>
    public JobClient Client() => new(_processes.First(process => process.Name == "gateway").Url);

    public KontextServer this[string name] => _processes.Single(process => process.Name == name);

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            await process.DisposeAsync();
        }
        await Objects.DisposeAsync();
        await Redis.DisposeAsync();
        await Rabbit.DisposeAsync();
    }
}
