using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Kontext.Contracts.Jobs;
using Kontext.Contracts.Tasks;
using Kontext.Servers;
using Kontext.Storage.Signals;

namespace Kontext.Gateway.Tests.Http;

/// <summary>Many streams of events of one gateway, over a real Redis; 2,000 of them when KONTEXT_TEST_LONG is 1.</summary>
public sealed class ManyStreamsTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const TaskPhase Done = TaskPhase.Done;

    /// <summary>Streams of each job: some share a subscription, most do not.</summary>
    private const int StreamsPerJob = 2;

    /// <summary>
    /// Previews that a reader who does not read is sent: 24 MiB in base64, several times what its connection holds.
    /// </summary>
    private const int Previews = 1500;

    private static readonly bool Long = Environment.GetEnvironmentVariable("KONTEXT_TEST_LONG") == "1";
    private static readonly int Streams = Long ? 2000 : 300;

    private RedisServer? _redis;
    private GatewayHost? _gateway;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private GatewayHost Gateway => _gateway!;

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.StartNewAsync();
        _gateway = await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await _redis!.DisposeAsync();
    }

    [Fact]
    public async Task Every_stream_hears_its_job_to_the_end_while_requests_are_served_and_some_do_not_read()
    {
        var jobs = await SaveAsync(Streams / StreamsPerJob);
        // The last job is that of readers who do not read.
        var slow = jobs[^1].Spec.Id;
        var before = Memory();
        using var client = Client(Gateway);
        var streams = new ConcurrentBag<Stream>();
        await Parallel.ForEachAsync(
            jobs.SelectMany(job => Enumerable.Repeat(job.Spec.Id, StreamsPerJob)),
            new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = Token },
            async (id, token) => streams.Add(await Stream.OpenAsync(client, id, token))
        );
        streams.Count.ShouldBe(Streams);
        var heard = streams.Where(stream => stream.Job != slow).Select(stream => stream.ReadAsync(Token)).ToArray();
        await Task.WhenAll(streams.Where(stream => stream.Job != slow).Select(stream => stream.Begun));
        output.WriteLine($"{Streams} streams: {(Memory() - before) / Streams >> 10} KiB each, their clients included");

        // Another gateway of the same cluster shows the same job.
        await using var other = await StartAsync();
        using var elsewhere = Client(other);
        var same = await Stream.OpenAsync(elsewhere, jobs[0].Spec.Id, Token);
        var heardElsewhere = same.ReadAsync(Token);
        await same.Begun;

        // Those who do not read are sent more than their connections hold; it is nobody else's business.
        var signals = Gateway.Get<JobSignals>();
        for (var i = 0; i < Previews; i++)
        {
            await signals.PublishAsync(new(slow, new(Stage.Denoise, 0), i, Previews, new byte[12 << 10]));
        }
        var clock = Stopwatch.StartNew();
        foreach (var job in jobs)
        {
            await signals.PublishAsync(new(job.Spec.Id, new(Stage.Denoise, 0), 5, 10));
            (await Gateway.Client.GetAsync($"/v1/jobs/{job.Spec.Id}", Token)).EnsureSuccessStatusCode();
        }
        output.WriteLine($"{jobs.Length} jobs served meanwhile in {clock.ElapsedMilliseconds} ms");
        foreach (var job in jobs)
        {
            await Gateway.SaveAsync(job.End(JobOutcome.Succeeded) with { Version = 2 });
        }
        var ends = await Task.WhenAll(heard);
        output.WriteLine($"all ended and told after {clock.ElapsedMilliseconds} ms");
        ends.ShouldAllBe(end => end.SequenceEqual(new[] { "denoising", "progress", "succeeded" }));
        (await heardElsewhere).ShouldBe(["denoising", "progress", "succeeded"]);
        await same.DisposeAsync();
        foreach (var stream in streams)
        {
            await stream.DisposeAsync();
        }
    }

    /// <summary>The rest of what was sent is dropped, but never the end.</summary>
    [Fact]
    public async Task Who_reads_late_gets_the_latest_and_the_end()
    {
        var job = (await SaveAsync(1))[0];
        using var client = Client(Gateway);
        await using var stream = await Stream.OpenAsync(client, job.Spec.Id, Token);
        var signals = Gateway.Get<JobSignals>();
        for (var i = 0; i < Previews; i++)
        {
            await signals.PublishAsync(new(job.Spec.Id, new(Stage.Denoise, 0), i, Previews, new byte[12 << 10]));
        }
        await Gateway.SaveAsync(job.End(JobOutcome.Succeeded) with { Version = 2 });
        var told = await stream.ReadAsync(Token);
        (told[0], told[^1]).ShouldBe(("denoising", "succeeded"));
        var previews = told.Count(what => what == "preview");
        output.WriteLine($"{previews} of {Previews} previews");
        previews.ShouldBeInRange(1, Previews - 1);
    }

    private Task<GatewayHost> StartAsync() =>
        GatewayHost.StartAsync(
            serving: false,
            "ConnectionStrings:Redis",
            _redis!.ConnectionString,
            "Gateway:EventsHeartbeat",
            "00:00:05"
        );

    private static HttpClient Client(GatewayHost gateway) =>
        new() { BaseAddress = gateway.Client.BaseAddress, Timeout = Timeout.InfiniteTimeSpan };

    private async Task<JobRecord[]> SaveAsync(int count)
    {
        var records = new JobRecord[count];
        for (var i = 0; i < count; i++)
        {
            var spec = SampleJobs.Spec(Guid.NewGuid().ToString("N"));
            records[i] = await Gateway.SaveAsync(SampleJobs.Record(spec, Done, TaskPhase.Released, TaskPhase.Blocked));
        }
        return records;
    }

    private static long Memory()
    {
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }

    private sealed class Stream(string job, HttpResponseMessage answer) : IAsyncDisposable
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Job => job;

        /// <summary>The first event has been read.</summary>
        public Task Begun => _begun.Task;

        public static async Task<Stream> OpenAsync(HttpClient client, string job, CancellationToken cancellationToken)
        {
            var answer = await client.GetAsync(
                $"/v1/jobs/{job}/events",
                HttpCompletionOption.ResponseHeadersRead,
                cancellationToken
            );
            answer.EnsureSuccessStatusCode();
            return new(job, answer);
        }

        /// <summary>Everything up to the end, silences left out: statuses by what they say, others by their kind.</summary>
        public async Task<IReadOnlyList<string>> ReadAsync(CancellationToken cancellationToken)
        {
            var told = new List<string>();
            var content = await answer.Content.ReadAsStreamAsync(cancellationToken);
            await foreach (var item in SseParser.Create(content).EnumerateAsync(cancellationToken))
            {
                if (item.EventType == "status")
                {
                    told.Add(JsonSerializer.Deserialize<JsonElement>(item.Data).Status());
                }
                else if (item.EventType != "heartbeat")
                {
                    told.Add(item.EventType);
                }
                _begun.TrySetResult();
            }
            return told;
        }

        public ValueTask DisposeAsync()
        {
            answer.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
