using System.Net.Http.Json;
using System.Text.Json;
using Kontext.Cli.Tests.Serve;
using Kontext.Servers;

namespace Kontext.Cli.Tests.Telemetry;

/// <summary>What a process logs when it is told to log everything there is.</summary>
public sealed class LogTests
{
    private const string Secret = "a portrait of Xanthippe";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_log_holds_a_prompt_or_a_picture_and_what_happens_to_a_job_names_it_and_its_trace()
    {
        var picture = Convert.ToBase64String(await File.ReadAllBytesAsync(ServeFixture.Shapes, Token));
        var (start, middle) = (picture[..40], picture[1000..1040]);
        var (lines, job) = await RunAsync("silent", picture, []);
        lines.ShouldNotContain(line => line.Contains("Xanthippe"));
        lines.ShouldNotContain(line => line.Contains(start) || line.Contains(middle));

        var entries = lines.Where(line => line.StartsWith('{')).Select(Parse).ToArray();
        var accepted = entries.Single(entry => entry.GetProperty("Message").GetString()!.Contains("is accepted"));
        accepted.GetProperty("State").GetProperty("Job").GetString().ShouldBe(job);
        Scope(accepted, "TraceId").ShouldNotBeNull().ShouldMatch("^[0-9a-f]{32}$");
        entries.ShouldContain(entry => Scope(entry, "Job") == job && Scope(entry, "Task") == "encode.0");
    }

    [Fact]
    public async Task Prompts_are_logged_where_that_is_switched_on()
    {
        var (lines, job) = await RunAsync("talkative", null, new() { ["Gateway__LogPrompts"] = "true" });
        lines.ShouldContain(line => line.Contains(Secret) && line.Contains(job));
    }

    /// <summary>A job that fails, one that is refused, and a body that is no JSON.</summary>
    private static async Task<(IReadOnlyList<string> Lines, string Job)> RunAsync(
        string name,
        string? picture,
        Dictionary<string, string> settings
    )
    {
        settings["Logging__LogLevel__Default"] = "Trace";
        settings["Logging__LogLevel__Microsoft.AspNetCore"] = "Trace";
        await using var server = new KontextServer(name, settings, "--threads", "1", "--verbose");
        await server.StartAsync();
        while (!await server.IsReadyAsync())
        {
            await Task.Delay(50, Token);
        }
        using var http = new HttpClient { BaseAddress = server.Url };
        using var accepted = await http.PostAsJsonAsync(
            "v1/jobs",
            new
            {
                prompt = Secret,
                context = picture is null ? [] : new object[] { new { image = picture } },
                steps = 2,
            },
            Token
        );
        var job = (await accepted.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("id").GetString()!;
        (await http.PostAsJsonAsync("v1/jobs", new { prompt = Secret, steps = 100_000 }, Token)).Dispose();
        (await http.PostAsync("v1/jobs", new StringContent($"{{ \"prompt\": {Secret}"), Token)).Dispose();
        string? status = null;
        while (status is not ("succeeded" or "failed"))
        {
            await Task.Delay(50, Token);
            status = (await http.GetFromJsonAsync<JsonElement>($"v1/jobs/{job}", Token))
                .GetProperty("status")
                .GetString();
        }
        status.ShouldBe("succeeded");
        await server.TerminateAsync();
        return (await File.ReadAllLinesAsync(Path.Combine(server.Folder, $"{name}.log"), Token), job);
    }

    private static JsonElement Parse(string line) => JsonSerializer.Deserialize<JsonElement>(line);

    private static string? Scope(JsonElement entry, string name) =>
        entry.TryGetProperty("Scopes", out var scopes)
            ? scopes
                .EnumerateArray()
                .Select(scope =>
                    scope.ValueKind == JsonValueKind.Object && scope.TryGetProperty(name, out var value)
                        ? value.ToString()
                        : null
                )
                .FirstOrDefault(value => value is not null)
            : null;
}
