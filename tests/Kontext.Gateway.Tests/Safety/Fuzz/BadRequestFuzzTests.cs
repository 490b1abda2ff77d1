using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using Kontext.Contracts;
using Kontext.Contracts.Jobs;
using Kontext.Flux.Tests;
using Kontext.Gateway.Tests.Http;
using Kontext.Servers;
using Kontext.Storage.Objects;
using Microsoft.AspNetCore.Routing;

namespace Kontext.Gateway.Tests.Safety.Fuzz;

/// <summary>
/// Ten thousand requests that are wrong in some way, or fifteen hundred of them: each is refused with a documented code, and the
/// gateway is as it was before. Every request follows from its number, so that one that fails can be sent again.
/// </summary>
public sealed partial class BadRequestFuzzTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Few = 1_500;
    private const int Many = 10_000;
    private const int AtATime = 4;
    private const int FaultsShown = 10;

    /// <summary>Of the working set: as many pictures of the largest size as are sent at a time, each decoded and copied once.</summary>
    private const long MostGrowth = AtATime * (384L << 20);

    /// <summary>What HTTP itself is refused with, before anything of ours sees the request.</summary>
    private static readonly int[] OfHttp = [400, 404, 405, 408, 411, 413, 414, 417, 421, 426, 431, 501, 505];

    /// <summary>As well, for a target or a header that is too long.</summary>
    private static readonly int[] OfLength = [414, 431];

    private static readonly HashSet<string> Documented = ReadDocumented();

    private readonly ConcurrentDictionary<string, int> _outcomes = new();
    private readonly List<GatewayHost> _hosts = [];
    private readonly List<ValidRequests> _valid = [];

    private static CancellationToken Token => GatewayHost.Token;

    public async ValueTask InitializeAsync()
    {
        await AddHostAsync(withTenants: false);
        await AddHostAsync(withTenants: true);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
        {
            await host.DisposeAsync();
        }
    }

    [Fact]
    public async Task Wrong_requests_are_refused_with_documented_codes_and_break_nothing()
    {
        var count = Profile.Iterations(1) > 1 ? Many : Few;
        string[] known = [.. _valid[0].ByRoute.Keys];
        _hosts[0].Routes.SelectMany(Names).Except(known).ShouldBeEmpty("Say there what a right request for it is.");
        // What takes a body can be wrong in more ways.
        string[] routes =
        [
            .. known.SelectMany(route =>
                Enumerable.Repeat(route, route.StartsWith("POST", StringComparison.Ordinal) ? 5 : 1)
            ),
        ];

        var clock = Stopwatch.StartNew();
        using var memory = new MemoryWatch();
        var slowest = TimeSpan.Zero;
        var faults = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, count),
            new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = Token },
            async (number, token) =>
            {
                var random = new Random(number);
                var which = random.Next(_hosts.Count);
                var valid = _valid[which].ByRoute[routes[number % routes.Length]];
                var request = Mutations.Next(valid, random);
                var started = Stopwatch.GetTimestamp();
                var answer = await new RawClient(_hosts[which].Client.BaseAddress!).SendAsync(request, token);
                var took = Stopwatch.GetElapsedTime(started);
                slowest = took > slowest ? took : slowest;
                if (FaultOf(request, answer) is { } fault)
                {
                    faults.Add($"{fault} Request {number} of route {request.Route}:\n{request}\n\n{answer}");
                }
            }
        );

        output.WriteLine(
            $"{count} requests in {clock.Elapsed.TotalSeconds:F1} s, the slowest {slowest.TotalSeconds:F1} s"
        );
        output.WriteLine($"working set {memory.Start >> 20} MiB before, {memory.Most >> 20} MiB at most");
        output.WriteLine(
            string.Join(
                ", ",
                _outcomes.OrderByDescending(pair => pair.Value).Select(pair => $"{pair.Key} {pair.Value}")
            )
        );
        faults.Take(FaultsShown).ShouldBeEmpty($"{faults.Count} in all");
        (memory.Most - memory.Start).ShouldBeLessThan(MostGrowth);
        foreach (var host in _hosts)
        {
            (await host.Client.GetStringAsync("/healthz/live", Token)).ShouldContain("healthy");
            (await host.CountPendingAsync()).ShouldBe(1, "only the job that was there before");
        }
    }

    /// <summary>What is wrong with an answer; null: nothing.</summary>
    private string? FaultOf(RawRequest request, RawAnswer answer)
    {
        if (answer.Status == 0)
        {
            Count("closed");
            return request.IsBroken || request.Body.Length >= SafetyLimits.MaxBodyBytes ? null : "It is not answered.";
        }
        if (answer.Status < 400)
        {
            Count($"{answer.Status}");
            return null;
        }
        if (answer.Body.Length == 0)
        {
            Count($"{answer.Status}");
            return
                request.Method == "HEAD"
                || OfLength.Contains(answer.Status)
                || (request.IsBroken && OfHttp.Contains(answer.Status))
                ? null
                : "It says nothing.";
        }
        if (
            answer.Body.Contains("System.", StringComparison.Ordinal)
            || answer.Body.Contains("   at ", StringComparison.Ordinal)
        )
        {
            return "It says what is nobody's business.";
        }
        var (shape, code) = CodeOf(answer);
        Count($"{answer.Status} {code}");
        var expected =
            !request.IsForRoute || request.IsBroken ? shape
            : ValidRequests.IsBfl(request.Route) ? "bfl"
            : ValidRequests.IsOpenAi(request.Route) ? "openai"
            : "native";
        return shape is null ? "It has no shape that is known."
            : shape != expected ? $"It has the shape {shape}, not {expected}."
            : code is not null && !Documented.Contains(code) ? $"{code} is not documented."
            : answer.Status >= 500 ? "It is the gateway's fault."
            : null;
    }

    private static (string? Shape, string? Code) CodeOf(RawAnswer answer)
    {
        JsonElement body;
        try
        {
            body = JsonSerializer.Deserialize<JsonElement>(answer.Body);
        }
        catch (JsonException)
        {
            return default;
        }
        return body switch
        {
            { ValueKind: not JsonValueKind.Object } => default,
            _ when body.TryGetProperty("error", out var error) => ("openai", Text(error, "code")),
            _ when body.TryGetProperty("code", out _) && answer.ContentType == "application/problem+json" => (
                "native",
                Text(body, "code")
            ),
            // A task that is not found is an answer of its own.
            _ when body.TryGetProperty("details", out var details) => ("bfl", Text(details, "code")),
            _ when body.TryGetProperty("detail", out var detail) && answer.ContentType == "application/json" => (
                "bfl",
                detail.ValueKind == JsonValueKind.Array ? Text(detail[0], "type") : null
            ),
            _ => default,
        };
    }

    private static string? Text(JsonElement parent, string name) => parent.GetProperty(name).GetString();

    private void Count(string outcome) => _outcomes.AddOrUpdate(outcome, 1, (_, count) => count + 1);

    /// <summary>A gateway with one job that has ended, and one that is open: no more are taken, so that what is right is refused too.</summary>
    private async Task AddHostAsync(bool withTenants)
    {
        var host = await GatewayHost.StartAsync([
            "Gateway:MaxBodyBytes",
            $"{SafetyLimits.MaxBodyBytes}",
            "Gateway:BodyMemoryBytes",
            $"{SafetyLimits.BodyMemoryBytes}",
            "Gateway:MaxOpenJobs",
            "1",
        ]);
        _hosts.Add(host);
        var key = withTenants ? await host.CreateTenantAsync("acme") : null;
        var ended = await host.SendAsync("POST", "/v1/jobs", key, new { prompt = "x" }).ShouldBeJobAsync(202);
        var spec = (await host.PendingAsync(ended.Id())).ShouldNotBeNull();
        var made = SampleJobs.Output(spec.Id, 0);
        foreach (var name in (string[])[made.Image, made.Latents])
        {
            await host.Objects.PutAsync(name, new byte[made.Bytes], "image/png", Token);
        }
        await host.SaveAsync(
            SampleJobs.Record(spec, TaskPhase.Done, TaskPhase.Done, TaskPhase.Done).End(JobOutcome.Succeeded)
        );
        await host.Objects.DeleteAsync(ObjectNames.Pending(spec.Id), Token);
        var open = await host.SendAsync("POST", "/v1/jobs", key, new { prompt = "x" }).ShouldBeJobAsync(202);
        using var picture = new HttpRequestMessage(HttpMethod.Post, "/v1/images");
        picture.Headers.Authorization = key is null ? null : new("Bearer", key);
        picture.Content = new ByteArrayContent(GatewayHost.Picture);
        picture.Content.Headers.ContentType = new("image/png");
        var upload = await host.Client.SendAsync(picture, Token).ShouldBeJobAsync(201);
        _valid.Add(new(host.Client.BaseAddress!.Authority, spec.Id, open.Id(), upload.Id(), key));
    }

    private static IEnumerable<string> Names(RouteEndpoint route) =>
        (route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["*"]).Select(method =>
            $"{method} {route.RoutePattern.RawText?.TrimEnd('/')}"
        );

    private static HashSet<string> ReadDocumented()
    {
        var text = File.ReadAllText(Path.Combine(KontextServer.Repository, "docs", "api.md"));
        var table = text[text.IndexOf("## Problems", StringComparison.Ordinal)..];
        var names = CodeName().Matches(table[..table.IndexOf("## Settings", StringComparison.Ordinal)]);
        return [.. names.Select(match => match.Groups[1].Value).Where(name => ErrorCode.Find(name) is not null)];
    }

    [GeneratedRegex("`([a-z_]+)`")]
    private static partial Regex CodeName();
}
