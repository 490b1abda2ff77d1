using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Kontext.Benchmarks.Skeleton;
using MassTransit;
using StackExchange.Redis;

// The least that a chain of three tasks costs on MassTransit with quorum queues and a single active consumer: seven messages and
// four writes to Redis a job, and nothing else. No claims, no leader, no object store, no recovery: what lies between this and
// `kontext bench pipeline` is the price of those.
//   skeleton AMQP-URI REDIS JOBS    prints one line of JSON
var (broker, redisAt, jobs) = (new Uri(args[0]), args[1], int.Parse(args[2], CultureInfo.InvariantCulture));
const int InFlight = 256;
const int Alone = 50;
const ushort Prefetch = 64;
const string Coordinator = "skeleton.coordinator";
string[] stages = ["encode", "denoise", "decode"];
var ended = new ConcurrentDictionary<string, TaskCompletionSource>();

await using var redis = await ConnectionMultiplexer.ConnectAsync(redisAt);
var records = redis.GetDatabase();
var bus = Bus.Factory.CreateUsingRabbitMq(rabbit =>
{
    rabbit.Host(broker, host => host.PublisherConfirmation = true);
    rabbit.ReceiveEndpoint(
        Coordinator,
        endpoint =>
        {
            endpoint.SetQuorumQueue();
            endpoint.SingleActiveConsumer = true;
            endpoint.PrefetchCount = Prefetch;
            endpoint.ConfigureConsumeTopology = false;
            endpoint.Handler<StageDone>(context => GoOnAsync(context, context.Message.Job, context.Message.Stage + 1));
            endpoint.Handler<Submitted>(context => GoOnAsync(context, context.Message.Job, 0));
        }
    );
    foreach (var (name, stage) in stages.Select((name, stage) => (name, stage)))
    {
        rabbit.ReceiveEndpoint(
            $"skeleton.{name}",
            endpoint =>
            {
                endpoint.SetQuorumQueue();
                endpoint.PrefetchCount = Prefetch;
                endpoint.ConfigureConsumeTopology = false;
                endpoint.Handler<RunStage>(context =>
                    SendAsync(context, Coordinator, new StageDone(context.Message.Job, stage))
                );
            }
        );
    }
});
LogContext.ConfigureCurrentLogContext(Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
await bus.StartAsync();
try
{
    await RunManyAsync(Math.Max(jobs / 2, 500));
    var alone = new List<double>();
    for (var i = 0; i < Alone; i++)
    {
        var began = Stopwatch.GetTimestamp();
        await RunOneAsync();
        alone.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
    }
    alone.Sort();
    var started = Stopwatch.GetTimestamp();
    await RunManyAsync(jobs);
    var took = Stopwatch.GetElapsedTime(started);
    Console.WriteLine(
        JsonSerializer.Serialize(
            new
            {
                system = "skeleton",
                jobs,
                jobs_per_second = Math.Round(jobs / took.TotalSeconds, 1),
                p50_added_ms = Math.Round(alone[Alone / 2], 2),
                p99_added_ms = Math.Round(alone[^1], 2),
            }
        )
    );
}
finally
{
    await bus.StopAsync();
}

Task RunManyAsync(int count) =>
    Parallel.ForEachAsync(
        Enumerable.Range(0, count),
        new ParallelOptions { MaxDegreeOfParallelism = InFlight },
        async (_, _) => await RunOneAsync()
    );

async Task RunOneAsync()
{
    var job = Guid.NewGuid().ToString("N");
    var end = ended[job] = new(TaskCreationOptions.RunContinuationsAsynchronously);
    await SendAsync(bus, Coordinator, new Submitted(job));
    await end.Task;
    ended.TryRemove(job, out _);
}

async Task GoOnAsync(ISendEndpointProvider sender, string job, int stage)
{
    await records.HashSetAsync($"skeleton:{job}", "stage", stage);
    if (stage < stages.Length)
    {
        await SendAsync(sender, $"skeleton.{stages[stage]}", new RunStage(job));
    }
    else
    {
        ended[job].TrySetResult();
    }
}

static async Task SendAsync<T>(ISendEndpointProvider sender, string queue, T message)
    where T : class
{
    var endpoint = await sender.GetSendEndpoint(new Uri($"exchange:{queue}"));
    await endpoint.Send(message);
}
