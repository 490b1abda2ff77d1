using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Kontext.Flux.Images;
using StackExchange.Redis;

namespace Kontext.Integration.Tests;

/// <summary>Every role in a process of its own, over real servers.</summary>
public sealed class ClusterTests(ClusterFixture fixture, ITestOutputHelper output) : IClassFixture<ClusterFixture>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Cluster Cluster => fixture.Cluster;
    private TinyEdits Edits => fixture.Edits;

    [Fact]
    public async Task Fifty_edits_through_seven_processes_equal_those_made_in_one()
    {
        using var client = Cluster.Client();
        await ShouldSucceedAsync(client, await SubmitAsync(client, 50));
    }

    [Fact]
    public async Task Without_workers_jobs_are_taken_up_to_the_bound_and_done_when_workers_return()
    {
        using var client = Cluster.Client();
        string[] workers = ["encode-1", "denoise-1", "denoise-2", "decode-1"];
        foreach (var worker in workers)
        {
            await Cluster[worker].StopAsync();
        }
        var memory = MemoryOf("gateway");
        var accepted = new List<string>();
        while (await client.TrySubmitAsync(Edits.Request(accepted.Count), null, Token) is { } id)
        {
            accepted.Add(id);
        }
        accepted.Count.ShouldBe(ClusterFixture.MaxOpenJobs);
        for (var i = 0; i < 200; i++)
        {
            using var refused = await client.Http.PostAsJsonAsync("v1/jobs", Edits.Request(i), Token);
            refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
            refused.Headers.RetryAfter.ShouldNotBeNull();
        }
        var grown = MemoryOf("gateway") - memory;
        output.WriteLine($"{accepted.Count} accepted, 200 refused, the gateway grew by {grown >> 20} MiB");
        grown.ShouldBeLessThan(256L << 20);

        foreach (var worker in workers)
        {
            await Cluster[worker].StartAsync();
        }
        await ShouldSucceedAsync(client, accepted);
    }

    [Fact]
    public async Task While_redis_is_down_nothing_is_accepted_and_nothing_is_lost()
    {
        using var client = Cluster.Client();
        var before = await SubmitAsync(client, 4);
        await Cluster.Redis.KillAsync();
        using (var refused = await client.Http.PostAsJsonAsync("v1/jobs", Edits.Request(0), Token))
        {
            refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            refused.Headers.RetryAfter.ShouldNotBeNull();
            var problem = await refused.Content.ReadFromJsonAsync<JsonElement>(Token);
            problem.GetProperty("code").GetString().ShouldBe("service_unavailable");
        }
        await Cluster.Redis.StartAsync();
        await ShouldSucceedAsync(client, before);
    }

    [Fact]
    public async Task A_second_turn_by_reference_takes_latents_and_is_the_same_whatever_caches_hold()
    {
        using var client = Cluster.Client();
        var first = await client.SubmitAsync(Edits.Request(0), Token);
        await client.EndAsync(first, Token);
        var turn = new
        {
            prompt = "make the background green",
            context = new[] { new { job = first, image = 0 } },
            steps = Edits.Steps,
            seed = 5,
            format = "png",
        };

        var one = await client.SubmitAsync(turn, Token);
        (await client.EndAsync(one, Token)).GetProperty("status").GetString().ShouldBe("succeeded");
        await ForgetTensorsAsync();
        var other = await client.SubmitAsync(turn, Token);
        (await client.EndAsync(other, Token)).GetProperty("status").GetString().ShouldBe("succeeded");

        ShouldBeSame(await client.ImageAsync(other, 0, Token), await client.ImageAsync(one, 0, Token), "turn two");
        // What was accepted says latents: there is nothing in it that the autoencoder's encoder could encode.
        var spec = await RecordAsync(other);
        var context = spec.GetProperty("spec").GetProperty("contexts")[0];
        context.GetProperty("kind").GetString().ShouldBe("latents");
        spec.GetProperty("encode")
            .GetProperty("output")
            .GetProperty("contexts")[0]
            .ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task A_picture_is_encoded_once_whatever_file_it_comes_in()
    {
        using var client = Cluster.Client();
        var pictures = new SamePictures(TinyEdits.Picture);
        (await EncodeAsync(client, pictures.Png)).ShouldBe(Encoded.Anew);
        foreach (var (what, file) in pictures.Equal)
        {
            (await EncodeAsync(client, file)).ShouldBe(Encoded.Before, what);
        }
        foreach (var (what, file) in pictures.Similar)
        {
            (await EncodeAsync(client, file)).ShouldBe(Encoded.Anew, what);
            (await EncodeAsync(client, file)).ShouldBe(Encoded.Before, what);
        }

        // The worker has it in its own memory, and tells the others.
        await ForgetTensorsAsync();
        (await EncodeAsync(client, pictures.Png)).ShouldBe(Encoded.Before);
        await Cluster["encode-1"].RestartAsync();
        (await EncodeAsync(client, pictures.Png)).ShouldBe(Encoded.Before);

        await ForgetTensorsAsync();
        await Cluster["encode-1"].RestartAsync();
        (await EncodeAsync(client, pictures.Png)).ShouldBe(Encoded.Anew);
        (await EncodeAsync(client, pictures.Equal["lossless WebP"])).ShouldBe(Encoded.Before);
    }

    [Fact]
    public async Task Tensors_that_are_lost_in_mid_run_are_made_again()
    {
        using var client = Cluster.Client();
        using var slow = new TinyEdits(steps: 150);
        var ids = new List<string>();
        for (var i = 0; i < 10; i++)
        {
            ids.Add(await client.SubmitAsync(slow.Request(i), Token));
        }
        var jobs = ids.Select(id => client.EndAsync(id, Token)).ToArray();
        var times = 0;
        while (!Task.WhenAll(jobs).IsCompleted)
        {
            await ForgetTensorsAsync();
            times++;
            await Task.Delay(700, Token);
        }
        output.WriteLine($"{ids.Count} edits, tensors lost {times} times");
        for (var i = 0; i < ids.Count; i++)
        {
            JobClient.StatusOf(await jobs[i]).ShouldBe("succeeded", (await jobs[i]).ToString());
            ShouldBeSame(await client.ImageAsync(ids[i], 0, Token), slow.Expected(i), $"edit {i}");
        }
    }

    [Fact]
    public async Task Every_role_stops_when_asked_and_what_it_leaves_is_done_by_others()
    {
        using var client = Cluster.Client();
        using var slow = new TinyEdits(steps: 150);
        var ids = new List<string>();
        for (var i = 0; i < 8; i++)
        {
            ids.Add(await client.SubmitAsync(slow.Request(i), Token));
        }
        foreach (var process in Cluster.Processes)
        {
            (await process.TerminateAsync()).ShouldBe(0, process.Tail);
            await process.StartAsync();
        }
        for (var i = 0; i < ids.Count; i++)
        {
            JobClient.StatusOf(await client.EndAsync(ids[i], Token)).ShouldBe("succeeded");
            ShouldBeSame(await client.ImageAsync(ids[i], 0, Token), slow.Expected(i), $"edit {i}");
            // One file for each image: nothing was done to its end twice.
            var record = await RecordAsync(ids[i]);
            record.GetProperty("samples")[0].GetProperty("decode").GetProperty("run").GetInt32().ShouldBe(1);
        }
    }

    internal static void ShouldBeSame(RgbImage actual, RgbImage expected, string what)
    {
        (actual.Width, actual.Height).ShouldBe((expected.Width, expected.Height), what);
        actual.Pixels.AsSpan().SequenceEqual(expected.Pixels).ShouldBeTrue($"The picture of {what} differs.");
    }

    private async Task<IReadOnlyList<string>> SubmitAsync(JobClient client, int count) =>
        await Task.WhenAll(Enumerable.Range(0, count).Select(i => client.SubmitAsync(Edits.Request(i), Token)));

    private async Task ShouldSucceedAsync(JobClient client, IReadOnlyList<string> ids)
    {
        for (var i = 0; i < ids.Count; i++)
        {
            var job = await client.EndAsync(ids[i], Token);
            JobClient.StatusOf(job).ShouldBe("succeeded", job.ToString());
            ShouldBeSame(await client.ImageAsync(ids[i], 0, Token), Edits.Expected(i), $"edit {i}");
        }
    }

    /// <summary>Edits a picture, and says whether its prompt or it had to be encoded for that.</summary>
    private static async Task<Encoded> EncodeAsync(JobClient client, byte[] picture)
    {
        var id = await client.SubmitAsync(
            new
            {
                prompt = "make the background pink",
                context = new[] { new { image = Convert.ToBase64String(picture) } },
                steps = 1,
            },
            Token
        );
        JobClient.StatusOf(await client.EndAsync(id, Token)).ShouldBe("succeeded");
        var timeline = await client.Http.GetFromJsonAsync<JsonElement>($"v1/jobs/{id}/timeline", Token);
        var encode = timeline.GetProperty("tasks").EnumerateArray().First();
        encode.GetProperty("stage").GetString().ShouldBe("encode");
        return encode.GetProperty("device_ms").GetDouble() > 0 ? Encoded.Anew : Encoded.Before;
    }

    private enum Encoded
    {
        Before,
        Anew,
    }

    private long MemoryOf(string process) => Cluster[process].MemoryBytes;

    private async Task ForgetTensorsAsync()
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(Cluster.Redis.ConnectionString);
        var keys = redis.GetServers()[0].KeysAsync(pattern: "kontext:tensor:*");
        await foreach (var key in keys.WithCancellation(Token))
        {
            await redis.GetDatabase().KeyDeleteAsync(key);
        }
    }

    private async Task<JsonElement> RecordAsync(string job)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(Cluster.Redis.ConnectionString);
        var json = await redis.GetDatabase().HashGetAsync($"kontext:job:{job}", "j");
        return JsonSerializer.Deserialize<JsonElement>(json.ToString());
    }
}
