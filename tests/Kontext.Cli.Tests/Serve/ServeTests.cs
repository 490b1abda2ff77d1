using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Runtime.InteropServices;
using System.Text.Json;
using Kontext.Flux.Images;
using Kontext.Servers;

namespace Kontext.Cli.Tests.Serve;

/// <summary>A process that serves, through what becomes of it.</summary>
public sealed partial class ServeTests(TinyModel model) : CommandTests(model)
{
    private const int Interrupt = 2;
    private const int Terminate = 15;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killed_in_mid_work_and_started_again_it_finishes_what_it_had_accepted()
    {
        const int Jobs = 8;
        const int Steps = 120;
        await using var server = ServeFixture.New("killed");
        await server.StartAsync();
        using var http = new HttpClient { BaseAddress = server.Url };
        var ids = new List<string>();
        for (var i = 0; i < Jobs; i++)
        {
            ids.Add(
                await SubmitAsync(
                    http,
                    new
                    {
                        prompt = "make the background pink",
                        context = Shapes,
                        seed = i,
                        steps = Steps,
                    }
                )
            );
        }
        await UntilAsync(async () => await CountAsync(http, ids, "succeeded") >= 2);
        await server.RestartAsync();
        (await CountAsync(http, ids, "succeeded")).ShouldBeLessThan(Jobs);

        await UntilAsync(async () => await CountAsync(http, ids, "succeeded") == Jobs);
        for (var i = 0; i < Jobs; i++)
        {
            string[] edit = ["edit", ServeFixture.Shapes, "make the background pink", "--output", At($"{i}.png")];
            string[] options = ["--seed", $"{i}", "--steps", $"{Steps}", "--threads", "1"];
            CommandRun.Of(ServeFixture.Models, [.. edit, .. options]).ShouldSucceed();
            var image = ImageDecoder.Decode(await http.GetByteArrayAsync($"v1/jobs/{ids[i]}/images/0", Token));
            image.Pixels.ShouldBe(ReadPicture(At($"{i}.png")).Pixels, $"job {i}");
        }
    }

    [Fact]
    public async Task A_command_that_waits_for_a_server_outlives_its_restart()
    {
        await using var server = ServeFixture.New("restarted");
        await server.StartAsync();
        await server.UntilReadyAsync(Token);
        using var http = new HttpClient { BaseAddress = server.Url };
        using var command = Start(
            "generate",
            "a star",
            "--steps",
            "500",
            "--size",
            "128x128",
            "--seed",
            "1",
            "--output",
            At("x.png"),
            "--server",
            server.Url.ToString()
        );
        var id = await UntilPendingAsync(server);
        await UntilAsync(async () => await StatusAsync(http, id) == "denoising");
        await server.RestartAsync();
        await command.WaitForExitAsync(Token);
        command.ExitCode.ShouldBe(0, await command.StandardError.ReadToEndAsync(Token));
        (ReadPicture(At("x.png")).Width, await StatusAsync(http, id)).ShouldBe((128, "succeeded"));
    }

    [Fact]
    public async Task A_command_that_is_stopped_stops_its_job()
    {
        await using var server = ServeFixture.New("stopped");
        await server.StartAsync();
        await server.UntilReadyAsync(Token);
        using var http = new HttpClient { BaseAddress = server.Url };
        using var command = Start(
            "generate",
            "a star",
            "--steps",
            "500",
            "--count",
            "64",
            "--size",
            "256x256",
            "--output",
            At("x.png"),
            "--server",
            server.Url.ToString()
        );
        var id = await UntilPendingAsync(server);
        await UntilAsync(async () => await StatusAsync(http, id) == "denoising");
        Kill(command.Id, Interrupt).ShouldBe(0);
        await command.WaitForExitAsync(Token);
        command.ExitCode.ShouldBe(130);
        (await command.StandardError.ReadToEndAsync(Token)).ShouldStartWith("error cancelled: Stopped.");
        await UntilAsync(async () => await StatusAsync(http, id) == "cancelled");
        Files().ShouldBe(Given);
    }

    [Theory]
    [InlineData(Interrupt)]
    [InlineData(Terminate)]
    public async Task A_signal_ends_it_in_good_order_with_work_and_listeners(int signal)
    {
        using var process = Start("serve", "--urls", "http://127.0.0.1:0", "--data", At("data"), "--threads", "1");
        var said = new List<string>();
        while (said is not [.., ['\x20', '\x20', 't', 'r', 'y', ..]])
        {
            said.Add((await process.StandardOutput.ReadLineAsync(Token)).ShouldNotBeNull());
        }
        said[0].ShouldStartWith("Kontext.Distributed 0.1.0 serves at http://127.0.0.1:");
        said[1].ShouldBe("  roles    gateway, coordinator, worker (encode, denoise, decode)");
        said[2].ShouldBe("  models   kontext-tiny on cpu");
        said[3].ShouldContain("Redis in this process");
        using var http = new HttpClient { BaseAddress = new(said[0].Split(' ')[^1]) };
        var id = await SubmitAsync(
            http,
            new
            {
                prompt = "a star",
                steps = 500,
                count = 8,
            }
        );
        using var events = await http.GetAsync($"v1/jobs/{id}/events", HttpCompletionOption.ResponseHeadersRead, Token);
        await UntilAsync(async () => await StatusAsync(http, id) == "denoising");

        Kill(process.Id, signal).ShouldBe(0);
        var error = process.StandardError.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        process.ExitCode.ShouldBe(0, await error);
        (await error).ShouldBeEmpty();
    }

    private static object[] Shapes { get; } =
    [new { image = Convert.ToBase64String(File.ReadAllBytes(ServeFixture.Shapes)) }];

    /// <summary>A model is there when the worker has loaded it.</summary>
    private static async Task<string> SubmitAsync(HttpClient http, object body)
    {
        while (true)
        {
            using var answer = await http.PostAsJsonAsync("v1/jobs", body, Token);
            if (answer.StatusCode == HttpStatusCode.Accepted)
            {
                return (await answer.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("id").GetString()!;
            }
            answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            await Task.Delay(50, Token);
        }
    }

    private static async Task<string> StatusAsync(HttpClient http, string id) =>
        (await http.GetFromJsonAsync<JsonElement>($"v1/jobs/{id}", Token)).GetProperty("status").GetString()!;

    private static async Task<int> CountAsync(HttpClient http, IEnumerable<string> ids, string status) =>
        (await Task.WhenAll(ids.Select(id => StatusAsync(http, id)))).Count(found => found == status);

    private static async Task<string> UntilPendingAsync(KontextServer server)
    {
        var folder = Path.Combine(server.Data, "objects", "pending");
        string? file = null;
        await UntilAsync(() =>
        {
            file = Directory.Exists(folder) ? Directory.EnumerateFiles(folder).FirstOrDefault() : null;
            return Task.FromResult(file is not null);
        });
        return Path.GetFileNameWithoutExtension(file)!;
    }

    private static async Task UntilAsync(Func<Task<bool>> come)
    {
        for (var waited = Stopwatch.StartNew(); !await come(); await Task.Delay(20, Token))
        {
            waited.Elapsed.ShouldBeLessThan(TimeSpan.FromMinutes(1));
        }
    }

    private Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo(KontextServer.Executable, arguments)
        {
            WorkingDirectory = At(""),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["HOME"] = At("");
        return Process.Start(start)!;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
